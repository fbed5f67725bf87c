import BuildOperations
import ByteStreams
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

extension BuildCommand {
    /// Hands a request with its open streams to the thread that builds; nobody else has them.
    struct Request: @unchecked Sendable {
        var value: BuildRequest
    }

    func request() throws -> Request {
        var request = BuildRequest(context: try context())
        request.definition = try definition()
        request.tags = tags.map(\.reference)
        for argument in buildArguments {
            if let value = argument.value ?? Terminal.environment(argument.name) {
                request.buildArguments[argument.name] = value
            }
        }
        request.labels = labels.dictionary
        request.target = target.flatMap { $0.isEmpty ? nil : $0 }
        if let platform { request.platform = platform.platform }
        request.cache = cache.request
        if let network { request.network = network.value }
        request.epoch =
            try request.buildArguments["SOURCE_DATE_EPOCH"].map { try Epoch.parse($0) }
            ?? Epoch.fromEnvironment()
        return Request(value: request)
    }

    private func context() throws -> BuildRequest.Context {
        let text = operands[0]
        if text == "-" {
            if file == "-" {
                throw ArgumentError("invalid argument: can't use stdin for both build context and dockerfile")
            }
            return .stream(FileSource(try OwnedDescriptor.standard(0), subject: "standard input"))
        }
        if text.isEmpty {
            throw ArgumentError("please specify build context (e.g. \".\" for the current directory)")
        }
        let remote = ["http://", "https://", "git://", "git@", "ssh://", "github.com/"].first { text.hasPrefix($0) }
        guard let folder = try? Directory.open(FilePath(text)) else {
            if remote != nil {
                throw ArgumentError(
                    "build context \(GoText.quoted(text)): contexts from URLs are not built into this version"
                )
            }
            let isFile = (try? FileDescriptor.open(FilePath(text), .readOnly).close()) != nil
            let reason = isFile ? "is not a directory" : "not found"
            throw ArgumentError("unable to prepare context: path \(GoText.quoted(text)) \(reason)")
        }
        _ = consume folder
        return .directory(FilePath(text))
    }

    private func definition() throws -> BuildRequest.Definition {
        switch file {
        case nil, "": .standard
        case "-": .stream(FileSource(try OwnedDescriptor.standard(0), subject: "standard input"))
        case let path?: .file(FilePath(path))
        }
    }

    /// Docker's flags that this version refuses.
    @FlagListing<Self> static var refused: [Flag<Self>] {
        Flag.refused("cpu-shares", short: "c")
        Flag.refused("memory", short: "m")
        Flag.refused("output", short: "o")
        Flag.refused("pull", takesValue: false, "registries are not built into this version")
        Flag.refused("push", takesValue: false, "registries are not built into this version")
        Flag.refused("rm", takesValue: false, "a build's containers are always removed")
        Flag.refused([
            "add-host", "allow", "annotation", "attest", "build-context", "builder", "call",
            "cgroup-parent", "cpu-period", "cpu-quota", "cpuset-cpus", "cpuset-mems", "isolation", "memory-swap",
            "metadata-file", "policy", "provenance", "resource", "sbom", "secret", "security-opt",
            "shm-size", "ssh", "ulimit",
        ])
        Flag.refused(
            ["check", "compress", "disable-content-trust", "force-rm", "load", "squash", "stream"],
            takesValue: false
        )
    }
}

/// `--network` of a build.
struct BuildNetwork: ArgumentValue, Hashable {
    var value: BuildRequest.Network

    init(argument: String) throws(ArgumentError) {
        guard let value = BuildRequest.Network(rawValue: argument) else {
            throw ArgumentError(
                "network mode \(GoText.quoted(argument)) not supported by socle",
                hint: "one of default, none, host"
            )
        }
        self.value = value
    }
}
