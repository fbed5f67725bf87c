import CompressionCodecs
import DockerfileSyntax
import ImageManagement
import OCISpec
package import Reporting

extension ExportRequest {
    /// Reads what `--output` says: `type=oci,dest=image.tar,…` as one line of comma separated values, a folder's path, or `-`
    /// for a tar to standard output.
    package init(argument text: String) throws(PlainFailure) {
        let fields = try CommaSeparated.fields(text)
        if fields == [text], !text.hasPrefix("type=") {
            self.init(text == "-" ? .tar : .local)
            destination = text
            return
        }
        var options: [(name: String, value: String)] = []
        for field in fields {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw PlainFailure(.invalidArgument, "invalid value \(field)") }
            // An annotation's key keeps its case.
            let name = parts[0].lowercased()
            options.append((name.hasPrefix("annotation") ? parts[0] : name, parts[1]))
        }
        guard let type = options.last(where: { $0.name == "type" })?.value else {
            throw PlainFailure(.invalidArgument, "type is required for output")
        }
        self.init(try Self.kind(type))
        pushes = type == Self.registry
        var draft = Draft(request: self)
        for (name, value) in options where name != "type" { try draft.take(name, value) }
        self = try draft.finished()
    }

    /// BuildKit's name for an image that is pushed; here the store has it too.
    private static let registry = "registry"

    private static func kind(_ type: String) throws(PlainFailure) -> Kind {
        if let kind = Kind(rawValue: type) { return kind }
        if type == registry { return .image }
        let near = Suggestion.nearest(to: type, among: Kind.allCases.map(\.rawValue))
        throw PlainFailure(
            .invalidArgument,
            "exporter \"\(type)\" could not be found" + (near.map { " (did you mean \($0)?)" } ?? ""),
            hint: "there are " + Kind.allCases.map(\.rawValue).joined(separator: ", ")
        )
    }

    /// A request while its options come in any order.
    private struct Draft {
        var request: ExportRequest
        private var compression: String?
        private var level: Int?

        init(request: ExportRequest) { self.request = request }

        mutating func take(_ name: String, _ value: String) throws(PlainFailure) {
            if let annotation = try ImageAnnotation(option: name, value: value) {
                try requireImage(name)
                request.annotations.append(annotation)
                return
            }
            switch name {
            case "dest":
                guard request.kind != .image, request.kind != .cacheonly else { throw unknown(name) }
                request.destination = value
            case "tar":
                guard [.oci, .docker].contains(request.kind) else { throw unknown(name) }
                request.isArchive = try Self.flag(name, value)
            case "platform-split":
                guard [.local, .tar].contains(request.kind) else { throw unknown(name) }
                request.splitsPlatforms = try Self.flag(name, value)
            case "mode":
                guard request.kind == .local else { throw unknown(name) }
                guard ["copy", "delete"].contains(value) else {
                    throw PlainFailure(.invalidArgument, "invalid mode \"\(value)\"", hint: "copy or delete")
                }
                request.removesOthers = value == "delete"
            default: try takeImageOption(name, value)
            }
        }

        private mutating func takeImageOption(_ name: String, _ value: String) throws(PlainFailure) {
            try requireImage(name)
            switch name {
            case "name": request.names += try Self.names(value)
            case "push":
                guard request.kind == .image else { throw unknown(name) }
                request.pushes = try Self.flag(name, value)
            case "compression": compression = value
            case "compression-level":
                guard let number = Int(value) else {
                    throw PlainFailure(.invalidArgument, "non-integer value \(value) specified for compression-level")
                }
                level = number
            case "force-compression": request.forcesForm = try Self.flag(name, value)
            case "oci-mediatypes": request.usesOCITypes = try Self.flag(name, value)
            case "rewrite-timestamp": request.rewritesTimestamps = try Self.flag(name, value)
            default: try takeOther(name, value)
            }
        }

        /// Options of BuildKit's that can only have the value that says what is done anyway.
        private static let fixed: [String: Bool] = [
            "push-by-digest": false, "unpack": false, "store": true, "oci-artifact": false, "name-canonical": false,
            "prefer-nondist-layers": false, "attestation-inline": false, "danging-name-empty-only": false,
            "registry.insecure": false,
        ]
        private static let refused: Set<String> = [
            "dangling-name-prefix", "source-date-epoch", "compatibility-version", "context", "attestation-prefix",
        ]

        private func takeOther(_ name: String, _ value: String) throws(PlainFailure) {
            guard let only = Self.fixed[name] else {
                guard Self.refused.contains(name) else { throw unknown(name) }
                let hint =
                    name == "source-date-epoch" ? "--build-arg SOURCE_DATE_EPOCH=… says it for the whole build" : nil
                throw PlainFailure(.unsupported, "output option \"\(name)\" is not supported", hint: hint)
            }
            guard try Self.flag(name, value) == only else {
                throw PlainFailure(.unsupported, "output option \"\(name)=\(value)\" is not supported")
            }
        }

        private func requireImage(_ name: String) throws(PlainFailure) {
            guard request.isImage else { throw unknown(name) }
        }

        private func unknown(_ name: String) -> PlainFailure {
            PlainFailure(.invalidArgument, "output of type \"\(request.kind.rawValue)\" has no option \"\(name)\"")
        }

        func finished() throws(PlainFailure) -> ExportRequest {
            var request = request
            switch compression {
            case nil where level == nil: request.form = request.forcesForm ? .gzip : nil
            case nil, "gzip": request.form = try LayerForm(.gzip, level: level)
            case "zstd": request.form = try LayerForm(.zstd, level: level)
            case "uncompressed": request.form = .uncompressed
            case "estargz":
                throw PlainFailure(
                    .unsupported,
                    "compression \"estargz\" is not supported",
                    hint: "uncompressed, gzip or zstd"
                )
            case let other?:
                throw PlainFailure(
                    .invalidArgument,
                    "unsupported compression type \(other)",
                    hint: "uncompressed, gzip or zstd"
                )
            }
            return request
        }

        private static func names(_ text: String) throws(PlainFailure) -> [ImageReference] {
            var names: [ImageReference] = []
            for name in text.split(separator: ",") {
                do { names.append(try ImageReference.forTagging(String(name))) } catch {
                    throw PlainFailure(.invalidArgument, "failed to parse \(name): \(error.description)")
                }
            }
            return names
        }

        private static func flag(_ name: String, _ text: String) throws(PlainFailure) -> Bool {
            if let answer = Bool(goText: text) { return answer }
            throw PlainFailure(.invalidArgument, "non-bool value specified for \(name)")
        }
    }
}
