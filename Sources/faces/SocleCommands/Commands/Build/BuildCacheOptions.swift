import BuildOperations
import Reporting

/// The flags of `build` that are about the cache.
struct BuildCacheOptions: Sendable {
    var imports: [CacheFromArgument] = []
    var exports: [CacheToArgument] = []
    var isIgnored = false
    var ignoredStages: [StageList] = []
    var explanation = ExplanationMode.none
    var pullsBases = false

    @FlagListing<Self> static var flags: [Flag<Self>] {
        Flag.list(
            "cache-from",
            \.imports,
            as: "stringArray",
            "External cache sources (e.g., \"user/app:cache\", \"type=local,src=path/to/dir\")"
        )
        Flag.list(
            "cache-to",
            \.exports,
            as: "stringArray",
            "Cache export destinations (e.g., \"type=local,dest=path/to/dir\", \"type=inline\")"
        )
        Flag.choice("explain", \.explanation, "Say for every step whether it was cached, and if not, why (=json: as JSON)")
        Flag.toggle("no-cache", \.isIgnored, "Do not use cache when building the image")
        Flag.list("no-cache-filter", \.ignoredStages, as: "stringArray", "Do not cache specified stages")
        Flag.toggle("pull", \.pullsBases, "Always attempt to pull all referenced images")
    }

    /// The part of the request that these flags say.
    var request: BuildRequest.Cache {
        var request = BuildRequest.Cache()
        request.imports = imports.map(\.value)
        request.exports = exports.map(\.value)
        request.isIgnored = isIgnored
        request.ignoredStages = ignoredStages.flatMap(\.names)
        return request
    }
}

/// `--cache-from type=local,src=DIR`.
struct CacheFromArgument: ArgumentValue, Hashable {
    var value: CacheImport

    init(argument: String) throws(ArgumentError) {
        do { value = try CacheImport(argument: argument) } catch {
            throw ArgumentError(error.description, hint: error.hint)
        }
    }
}

/// `--cache-to type=local,dest=DIR`.
struct CacheToArgument: ArgumentValue, Hashable {
    var value: CacheExport

    init(argument: String) throws(ArgumentError) {
        do { value = try CacheExport(argument: argument) } catch {
            throw ArgumentError(error.description, hint: error.hint)
        }
    }
}

/// `--no-cache-filter a,b`.
struct StageList: ArgumentValue, Hashable {
    var names: [String]

    init(argument: String) throws(ArgumentError) {
        names = argument.split(separator: ",").map { $0.drop { $0 == " " } }.map(String.init)
        if names.isEmpty { throw ArgumentError("the name of a stage is wanted") }
    }
}

/// How `--explain` explains.
enum ExplanationMode: String, ArgumentValue {
    case none = "false"
    case text, json

    /// `--explain` alone gives `true`.
    init(argument: String) throws(ArgumentError) {
        if let mode = ExplanationMode(rawValue: argument) {
            self = mode
        } else if let isWanted = try? Bool(argument: argument) {
            self = isWanted ? .text : .none
        } else {
            throw ArgumentError("unknown form \(GoText.quoted(argument))", hint: "one of text, json")
        }
    }
}
