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

    func request(explaining explain: (@Sendable ([StepExplanation]) -> Void)? = nil) throws -> Request {
        var request = BuildRequest(context: try context())
        request.definition = try definition()
        request.tags = tags.map(\.reference)
        for argument in buildArguments {
            if let value = argument.value ?? Terminal.environment(argument.name) {
                request.buildArguments[argument.name] = value
            }
        }
        request.labels = labels.dictionary
        request.additional = contexts.request
        request.target = target.flatMap { $0.isEmpty ? nil : $0 }
        request.output = try output.request()
        request.platform = request.output.platforms[0]
        request.cache = cache.request
        request.pullsBases = cache.pullsBases
        request.cache.explain = explain
        if let network { request.network = network.value }
        request.run = try runs.settings(network: network?.value)
        // The flag wins over the argument, the argument over the variable; whichever it is, `ARG SOURCE_DATE_EPOCH` has it.
        if let epoch = try epoch ?? .ifGiven(request.buildArguments[Epoch.variable]) ?? .fromEnvironment() {
            request.epoch = epoch.seconds
            request.buildArguments[Epoch.variable] = "\(epoch.seconds)"
        }
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
        guard let folder = try? Directory.open(FilePath(text)) else {
            if RemoteAddress.isOne(text) { return .remote(text) }
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
        case let path? where path.hasPrefix("http://") || path.hasPrefix("https://"): .remote(path)
        case let path?: .file(FilePath(path))
        }
    }

    /// Docker's flags that this version refuses.
    @FlagListing<Self> static var refused: [Flag<Self>] {
        Flag.refused([
            "builder", "cgroup-parent", "isolation", "policy", "resource",
        ])
        Flag.refused(
            ["compress", "disable-content-trust", "stream"],
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
