import CompressionCodecs
import DockerfileSyntax
import ImageManagement
import OCISpec
package import Reporting
import SystemPackage

extension CacheImport {
    /// `type=local,src=DIR[,tag=TAG][,digest=DIGEST]`, `type=registry,ref=IMAGE` or `IMAGE`.
    package init(argument: String) throws(PlainFailure) {
        let fields = try CacheFields(argument)
        switch fields.type {
        case "local":
            try fields.require(among: ["src", "tag", "digest"])
            let digest: Digest?
            do throws(DigestError) {
                digest = try fields["digest"].map { text throws(DigestError) in try Digest(text) }
            } catch { throw PlainFailure(.invalidArgument, error.description) }
            self = .layout(try fields.path("src"), tag: fields["tag"], digest: digest)
        case "registry":
            try fields.require(among: ["ref"])
            self = .image(try fields.reference())
        default: throw fields.unsupported(among: "local, registry")
        }
    }
}

extension CacheExport {
    /// `type=local,dest=DIR[,mode=min|max][,tag=TAG][,reset=true]`, `type=registry,ref=IMAGE[,mode=min|max]
    /// [,compression=gzip|zstd|uncompressed]`, `IMAGE` or `type=inline`.
    package init(argument: String) throws(PlainFailure) {
        let fields = try CacheFields(argument)
        switch fields.type {
        case "local":
            // The last can't be otherwise here.
            try fields.require(
                among: [
                    "dest", "mode", "tag", "reset", "ignore-error", "oci-mediatypes", "image-manifest", "compression",
                ]
            )
            try fields.requireImageManifest()
            if let compression = fields["compression"], compression != "uncompressed" {
                throw PlainFailure(
                    .unsupported,
                    "cache option \"compression=\(compression)\" is not supported",
                    hint: "layers are exported as the store has them; compression=uncompressed"
                )
            }
            self = .layout(
                try fields.path("dest"),
                tag: fields["tag"] ?? "latest",
                mode: try fields.mode(),
                reset: try fields.flag("reset", standard: false),
                ignoresErrors: try fields.flag("ignore-error", standard: false)
            )
        case "inline":
            try fields.require(among: ["mode"])
            guard try fields.mode() == .min else {
                throw PlainFailure(
                    .invalidArgument,
                    "inline cache only supports mode=min",
                    hint: "an image has the layers of its own steps only; type=local takes those of all stages"
                )
            }
            self = .inline
        case "registry":
            try fields.require(
                among: [
                    "ref", "mode", "compression", "compression-level", "ignore-error", "oci-mediatypes", "image-manifest",
                ]
            )
            try fields.requireImageManifest()
            let reference = try fields.reference()
            guard reference.digest == nil else {
                throw PlainFailure(.invalidArgument, "cache option \"ref=\(reference.familiar)\": a tag is wanted")
            }
            self = .registry(
                reference,
                form: try fields.form(),
                mode: try fields.mode(),
                ignoresErrors: try fields.flag("ignore-error", standard: false)
            )
        default: throw fields.unsupported(among: "local, registry, inline")
        }
    }
}

/// `type=local,src=DIR`, taken apart.
private struct CacheFields {
    let type: String
    private var values: [String: String] = [:]

    init(_ argument: String) throws(PlainFailure) {
        let fields = try CommaSeparated.fields(argument)
        // A lone word is an image.
        if fields.count == 1, !fields[0].contains("=") {
            type = "registry"
            values["ref"] = fields[0]
            return
        }
        for field in fields {
            let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { throw PlainFailure(.invalidArgument, "invalid value \(field)") }
            values[pair[0].lowercased()] = String(pair[1])
        }
        guard let type = values.removeValue(forKey: "type"), !type.isEmpty else {
            throw PlainFailure(.invalidArgument, "type required form> \"\(argument)\"", hint: "type=local,…")
        }
        self.type = type
    }

    subscript(name: String) -> String? { values[name] }

    func require(among known: [String]) throws(PlainFailure) {
        for name in values.keys.sorted() where !known.contains(name) {
            let near = Suggestion.nearest(to: name, among: known).map { "did you mean \"\($0)\"?" }
            throw PlainFailure(
                .invalidArgument,
                "cache type \"\(type)\" has no option \"\(name)\"",
                hint: near ?? "it has \(known.joined(separator: ", "))"
            )
        }
    }

    func path(_ name: String) throws(PlainFailure) -> FilePath {
        guard let text = values[name], !text.isEmpty else {
            throw PlainFailure(.invalidArgument, "cache type \"\(type)\" needs \(name)=DIR")
        }
        return FilePath(text)
    }

    func reference() throws(PlainFailure) -> ImageReference {
        guard let text = values["ref"], !text.isEmpty else {
            throw PlainFailure(.invalidArgument, "cache type \"\(type)\" needs ref=IMAGE")
        }
        do { return try ImageReference(text).withDefaultTag } catch {
            throw PlainFailure(.invalidArgument, error.description, hint: error.hint)
        }
    }

    func flag(_ name: String, standard: Bool) throws(PlainFailure) -> Bool {
        switch values[name]?.lowercased() {
        case nil: standard
        case "true", "1", "": true
        case "false", "0": false
        case let text?:
            throw PlainFailure(.invalidArgument, "cache option \"\(name)=\(text)\": true or false is wanted")
        }
    }

    /// A cache is an image manifest of OCI's.
    func requireImageManifest() throws(PlainFailure) {
        for name in ["oci-mediatypes", "image-manifest"] where try !flag(name, standard: true) {
            throw PlainFailure(.unsupported, "cache option \"\(name)=false\" is not supported")
        }
    }

    func form() throws(PlainFailure) -> LayerForm {
        let text = values["compression"] ?? "gzip"
        let level = values["compression-level"].map { Int($0) ?? -1 }
        guard let kind = ["gzip": Compression.gzip, "zstd": .zstd, "uncompressed": .none][text] else {
            throw PlainFailure(
                .unsupported,
                "cache option \"compression=\(text)\" is not supported",
                hint: "gzip, zstd or uncompressed"
            )
        }
        return try LayerForm(kind, level: level)
    }

    func mode() throws(PlainFailure) -> CacheExport.Mode {
        guard let text = values["mode"] else { return .min }
        guard let mode = CacheExport.Mode(rawValue: text) else {
            throw PlainFailure(.invalidArgument, "cache option \"mode=\(text)\": min or max is wanted")
        }
        return mode
    }

    func unsupported(among known: String) -> PlainFailure {
        PlainFailure(.unsupported, "cache type \"\(type)\" is not supported", hint: "this version has \(known)")
    }
}
