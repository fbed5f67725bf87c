import ImageManagement
import OCISpec
import Reporting
import SocleEngine

/// `socle manifest inspect`: shows a manifest or index, of a list here or of a registry.
struct InspectManifestCommand: Command {
    static let usage = Usage("[MANIFEST_LIST] MANIFEST", 1...2, "Display an image manifest, or manifest list")
    static var flags: [Flag<Self>] {
        Flag.toggle("insecure", \.isInsecure, "Allow communication with an insecure registry")
        Flag.toggle("raw", \.isRaw, "Show the bytes as they are")
        Flag.toggle("verbose", short: "v", \.isVerbose, "Output additional info including layers and platform")
    }
    var operands: [String] = []
    var isInsecure = false
    var isRaw = false
    var isVerbose = false

    func run(in session: Session) throws -> ExitCode {
        let engine = try session.allowing(isInsecure, operands).engine()
        if isVerbose {
            guard !isRaw else { throw ArgumentError("conflicting options: --raw and --verbose") }
            session.output.print(try verbose(engine).serialized(indent: 4))
            return .success
        }
        let bytes = try bytes(engine)
        if isRaw {
            session.output.write(String(decoding: bytes, as: UTF8.self))
        } else {
            session.output.print(try JSONValue(parsing: bytes).serialized(indent: 3))
        }
        return .success
    }

    private func bytes(_ engine: Engine) throws -> [UInt8] {
        guard operands.count == 2 else { return try engine.remoteManifest(operands[0]).bytes }
        return try engine.manifest(entry(engine))
    }

    private func entry(_ engine: Engine) throws -> ManifestList.Entry { try engine.listed(operands[0], operands[1]) }

    /// Each manifest with its descriptor; one alone stands alone, as with Docker.
    private func verbose(_ engine: Engine) throws -> JSONValue {
        let entries = operands.count == 2 ? [try entry(engine)] : try engine.manifestEntries(operands[0])
        let documents = try entries.map { entry in
            let bytes = try engine.manifest(entry)
            let isDocker = entry.descriptor.mediaType == .dockerManifest
            return [
                "Ref": .string(entry.name), "Descriptor": try JSONValue(parsing: JSON.encode(entry.descriptor)),
                "Raw": .string(Base64.text(bytes)),
                isDocker ? "SchemaV2Manifest" : "OCIManifest": try JSONValue(parsing: bytes),
            ] as JSONValue
        }
        return documents.count == 1 ? documents[0] : .array(documents)
    }
}
