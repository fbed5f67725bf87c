import BuildOperations
import ByteStreams
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// The flags of `build` that say what becomes of the result.
struct BuildOutputOptions {
    var outputs: [OutputArgument] = []
    var annotations: [AnnotationArgument] = []
    var platforms: [PlatformsArgument] = []
    var idFile: String?
    var metadataFile: String?
    var squashes = false
    var loads = false
    var pushes = false
    var attestations: [AttestationArgument] = []

    @FlagListing<Self> static var flags: [Flag<Self>] {
        Flag.list("annotation", \.annotations, as: "stringArray", "Add annotation to the image")
        Flag.list("attest", \.attestations, as: "stringArray", nil)
        Flag.value("iidfile", \.idFile, "Write the image ID to the file")
        Flag.toggle(
            "load",
            \.loads,
            "Shorthand for '--output=type=docker': the image is put into the store, as it is anyway"
        )
        Flag.value("metadata-file", \.metadataFile, "Write build result metadata to the file")
        Flag.list(
            "output",
            short: "o",
            \.outputs,
            as: "stringArray",
            "Output destination (format: 'type=image|oci|docker|local|tar|cacheonly,dest=path')"
        )
        Flag.list("platform", \.platforms, as: "stringArray", "Set target platform for build; several make an index")
        Flag.list("provenance", \.attestations, nil)
        Flag.toggle("push", \.pushes, "Shorthand for '--output=type=registry': the image also goes to the registries of its names")
        Flag.list("sbom", \.attestations, nil)
        Flag.toggle("squash", \.squashes, "Squash newly built layers into a single new layer")
    }

    /// `--push`: the images that are made anyway are pushed, else one more is made.
    private static func addPush(to exports: inout [ExportRequest]) {
        if !exports.contains(where: { $0.kind == .image }) { exports.append(ExportRequest(.image)) }
        for index in exports.indices where exports[index].kind == .image { exports[index].pushes = true }
    }

    /// What the engine is asked for; what can't be written is refused here, before anything is built.
    func request() throws -> BuildRequest.Output {
        var output = BuildRequest.Output()
        output.exports = outputs.map(\.request) + (loads ? [ExportRequest(.docker)] : [])
        if pushes { Self.addPush(to: &output.exports) }
        output.annotations = annotations.flatMap(\.annotations)
        let platforms = self.platforms.flatMap(\.platforms)
        var seen: Set<Platform> = []
        if !platforms.isEmpty { output.platforms = platforms.filter { seen.insert($0).inserted } }
        output.squashes = squashes
        for export in output.exports { try OutputPlace.check(export) }
        if output.exports.count(where: { $0.isFile && ($0.destination ?? "-") == "-" }) > 1 {
            throw ArgumentError("only one output can be written to standard output")
        }
        output.writeFile = { destination, body in
            if destination == "-" {
                return try body(FileSink(try OwnedDescriptor.standard(1), subject: "standard output"))
            }
            try OutputFile(FilePath(destination), mode: 0o666).write(body)
        }
        return output
    }

    /// Writes what scripts want to know of the result.
    func writeResults(_ result: BuildResult) throws {
        if let idFile {
            try OutputFile(FilePath(idFile), mode: 0o666).write { try $0.write(text: result.id?.description ?? "") }
        }
        if let metadataFile {
            let text = result.metadata.serialized(indent: 2) + "\n"
            try OutputFile(FilePath(metadataFile), mode: 0o666).write { try $0.write(text: text) }
        }
    }
}

/// Whether an output's place can be written, in buildx's words.
enum OutputPlace {
    static func check(_ export: ExportRequest) throws(ArgumentError) {
        let type = export.kind.rawValue
        if export.isFile {
            guard let path = export.destination, path != "-" else {
                if Terminal.isTerminal(1) {
                    throw ArgumentError("dest file is required for \(type) exporter. refusing to write to console")
                }
                return
            }
            if isDirectory(path) { throw ArgumentError("destination file \(path) is a directory") }
        }
        if export.isFolder {
            guard let path = export.destination, !path.isEmpty else {
                throw ArgumentError("dest is required for \(type) exporter")
            }
            if path == "-" { throw ArgumentError("dest cannot be stdout for \(type) exporter") }
            if exists(path), !isDirectory(path) { throw ArgumentError("destination directory \(path) is a file") }
            if export.removesOthers { try requireBelowWorkingDirectory(path) }
        }
    }

    /// Removing files elsewhere is what buildx wants an entitlement for.
    private static func requireBelowWorkingDirectory(_ path: String) throws(ArgumentError) {
        guard let here = Terminal.workingDirectory() else { return }
        let place = here.pushing(FilePath(path)).lexicallyNormalized()
        guard place.starts(with: here), place != here else {
            throw ArgumentError(
                "mode=delete removes files in \(GoText.quoted(path)), which is not below the working directory",
                hint: "go to the folder above it first"
            )
        }
    }

    private static func isDirectory(_ path: String) -> Bool { (try? Directory.open(FilePath(path))) != nil }

    private static func exists(_ path: String) -> Bool {
        isDirectory(path) || (try? FileDescriptor.open(FilePath(path), .readOnly).close()) != nil
    }
}
