internal import ContainerMonitor
package import ContainerRuntime
internal import LinuxSystem
package import OCISpec
internal import Reporting
package import SystemPackage

/// A bundle: a folder with `config.json` and the container's root.
package struct Bundle: Sendable {
    /// Absolute, without links.
    package let path: FilePath
    package let spec: RuntimeSpec
    /// The container's root, absolute.
    package let rootfs: FilePath

    private static let sizeLimit = 16 << 20

    /// Reads and checks everything that can be checked without making anything.
    package init(_ path: FilePath) throws(RuntimeError) {
        let folder: FilePath
        do throws(SystemError) { folder = try HostPath.resolved(path) } catch {
            throw RuntimeError(error.kind, "chdir \(path): \(Self.reason(error))")
        }
        self.path = folder
        spec = try Self.read(folder)
        rootfs = try Self.root(spec, folder)
    }

    private static func read(_ folder: FilePath) throws(RuntimeError) -> RuntimeSpec {
        let bytes: [UInt8]
        do throws(SystemError) {
            // The engine's own file: it may be a link.
            let file = try HostPath.openForReading(folder.appending("config.json"))
            bytes = try DescriptorIO.readAll(file.raw, limit: sizeLimit)
        } catch {
            if error.errno == .noSuchFileOrDirectory {
                throw RuntimeError(.notFound, "JSON specification file config.json not found")
            }
            throw RuntimeError(error.kind, "reading config.json: \(error)")
        }
        return try specification(bytes)
    }

    /// From the bytes of `config.json`.
    package static func specification(_ bytes: [UInt8]) throws(RuntimeError) -> RuntimeSpec {
        let (document, value) = try read(RuntimeSpec.self, bytes, "config.json")
        var spec = document
        try checkVersion(spec.ociVersion)
        try UnknownFields.check(value)
        guard spec.process != nil else { throw RuntimeError(.invalidArgument, "process property must not be empty") }
        if spec.process?.cwd.isEmpty == true { throw RuntimeError(.invalidArgument, "Cwd property must not be empty") }
        if spec.process?.cwd.hasPrefix("/") != true {
            throw RuntimeError(.invalidArgument, "Cwd must be an absolute path")
        }
        if spec.process?.args?.isEmpty != false { throw RuntimeError(.invalidArgument, "args must not be empty") }
        try checkHooks(spec.hooks)
        spec.process?.dropUnknownCapabilities()
        return spec
    }

    /// From the bytes of a process alone, as `exec --process` gets it.
    package static func process(_ bytes: [UInt8]) throws(RuntimeError) -> RuntimeSpec.Process {
        let (document, value) = try read(RuntimeSpec.Process.self, bytes, "process")
        try UnknownFields.check(process: value)
        var process = document
        process.dropUnknownCapabilities()
        return process
    }

    /// From the bytes of resources alone, as `update --resources` gets them.
    package static func resources(_ bytes: [UInt8]) throws(RuntimeError) -> RuntimeSpec.Resources {
        let (resources, value) = try read(RuntimeSpec.Resources.self, bytes, "resources")
        try UnknownFields.check(resources: value)
        return resources
    }

    /// A document, and the same as its members are written.
    private static func read<Document: Decodable>(
        _ type: Document.Type,
        _ bytes: [UInt8],
        _ name: String
    ) throws(RuntimeError) -> (Document, JSONValue) {
        do {
            let value = try JSONValue(parsing: bytes)
            return (try JSON.decode(type, from: bytes, limit: sizeLimit), value)
        } catch {
            throw RuntimeError(.invalidArgument, "\(name): \(error)")
        }
    }

    private static func checkVersion(_ version: String) throws(RuntimeError) {
        let parts = version.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let major = Int(parts[0]), Int(parts[1]) != nil, !parts[2].isEmpty else {
            throw RuntimeError(.invalidArgument, "ociVersion \"\(version)\" is no version")
        }
        guard major == 1 else {
            throw RuntimeError(.unsupported, "ociVersion \"\(version)\" is not supported: it is not 1.x")
        }
    }

    private static func checkHooks(_ hooks: RuntimeSpec.Hooks?) throws(RuntimeError) {
        guard let hooks else { return }
        let all = [
            hooks.prestart, hooks.createRuntime, hooks.createContainer, hooks.startContainer, hooks.poststart,
            hooks.poststop,
        ]
        for hook in all.flatMap({ $0 ?? [] }) {
            guard hook.path.hasPrefix("/"), !hook.path.utf8.contains(0) else {
                throw RuntimeError(.invalidArgument, "hook path \"\(hook.path)\" is not absolute")
            }
            guard (hook.args ?? []).allSatisfy({ !$0.utf8.contains(0) }),
                (hook.env ?? []).allSatisfy({ !$0.utf8.contains(0) })
            else { throw RuntimeError(.invalidArgument, "a zero byte in a hook's words") }
            if let timeout = hook.timeout, timeout <= 0 {
                throw RuntimeError(.invalidArgument, "hook timeout \(timeout) is not above zero")
            }
        }
    }

    private static func root(_ spec: RuntimeSpec, _ folder: FilePath) throws(RuntimeError) -> FilePath {
        guard let root = spec.root else { throw RuntimeError(.invalidArgument, "root must be specified") }
        let path = root.path.hasPrefix("/") ? FilePath(root.path) : folder.appending(root.path)
        do throws(SystemError) {
            let resolved = try HostPath.resolved(path)
            guard try HostPath.status(resolved).kind == .directory else {
                throw SystemError("stat", path.string, .notDirectory)
            }
            if resolved == "/" { throw SystemError("stat", path.string, .invalidArgument) }
            return resolved
        } catch {
            throw RuntimeError(error.kind, "invalid rootfs: stat \(path): \(reason(error))")
        }
    }

    static func reason(_ error: SystemError) -> String { SystemError.reason(error.errno.rawValue) }
}

extension RuntimeSpec.Process {
    /// A capability that nobody knows is left out, as runc leaves it: an older kernel hasn't it either. So is one that should
    /// be ambient and isn't inheritable, which the kernel doesn't allow and runc's own sample asks for.
    mutating func dropUnknownCapabilities() {
        guard var sets = capabilities else { return }
        let known = Set(RuntimeDefaults.allCapabilities)
        for path in [
            \RuntimeSpec.Capabilities.bounding, \.effective, \.permitted, \.inheritable, \.ambient,
        ] as [WritableKeyPath<RuntimeSpec.Capabilities, [String]?>] {
            sets[keyPath: path] = sets[keyPath: path]?.filter(known.contains)
        }
        let inheritable = Set(sets.inheritable ?? []).intersection(sets.permitted ?? [])
        sets.ambient = sets.ambient?.filter(inheritable.contains)
        capabilities = sets
    }
}
