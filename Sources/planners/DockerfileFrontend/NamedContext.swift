public import BuildDefinition
public import OCISpec
public import Reporting

/// An additional build context, as far as a plan depends on what it is.
public enum NamedContext: Hashable, Sendable {
    /// The empty file system.
    case scratch
    /// Files of the caller's, known to the executor by the context's name.
    case folder
    case http(HTTPOperation)
    case git(GitOperation)
    /// An image of the store, or one that the caller brings under this reference.
    case image(ImageReference)
}

/// The additional build contexts by their names.
///
/// A name is an image's: `alpine`, `alpine:latest` and `docker.io/library/alpine` are one. With `::` and a platform it
/// counts for that platform only.
public struct NamedContexts: Hashable, Sendable {
    private var contexts: [String: NamedContext] = [:]

    public init() {}

    public var isEmpty: Bool { contexts.isEmpty }

    /// Adds a context; the last one of a name counts.
    ///
    /// - Returns: the name as the plan has it.
    @discardableResult
    public mutating func add(_ name: String, _ context: NamedContext) throws(PlainFailure) -> String {
        let key = try Self.key(name)
        contexts[key] = context
        return key
    }

    /// The context that stands for a name in the Dockerfile; `scratch` and `context` always mean themselves.
    func context(for name: String, platform: Platform) -> FileSource? {
        guard !contexts.isEmpty, !["scratch", "context"].contains(name.lowercased()),
            let reference = try? ImageReference(name)  // what can't be a name names no context
        else { return nil }
        let plain = Self.short(reference)
        for key in ["\(plain)::\(platform)", plain] {
            if let context = contexts[key] { return FileSource(name: key, context: context) }
        }
        return nil
    }

    private static func key(_ name: String) throws(PlainFailure) -> String {
        let parts = name.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        do {
            let plain = short(try ImageReference(parts[0]))
            return parts.count == 1 ? plain : "\(plain)::\(try Platform(parsing: parts[1]))"
        } catch let error as ReferenceError {
            throw PlainFailure(.invalidArgument, "invalid context name \(name): \(error.description)", hint: error.hint)
        } catch {
            throw PlainFailure(.invalidArgument, "invalid context name \(name): \(error)")
        }
    }

    private static func short(_ reference: ImageReference) -> String {
        let text = reference.familiar
        return text.hasSuffix(":latest") && reference.digest == nil ? String(text.dropLast(7)) : text
    }
}

/// A named context where it is used.
struct FileSource: Hashable, Sendable {
    /// With the platform, where it has one.
    var name: String
    var context: NamedContext
}
