private import Glibc
internal import LinuxSystem
package import Reporting
package import SystemPackage

/// The network of an ordinary user's container: pasta, a program that opens on the host what the container's packets ask
/// for, and has the host's addresses inside.
///
/// It needs no rights but `/dev/net/tun`. Each container has one of its own, which ends when the file goes to which the
/// container's namespace is pinned, and is ended when the container is.
package enum UserModeNetwork {
    private static let folders: [FilePath] = ["/usr/bin", "/usr/local/bin", "/bin"]
    private static let program = "pasta"
    private static let device = "/dev/net/tun"
    /// Where the container finds the host's own name server, one that listens on the host's loopback address.
    package static let nameServer = "169.254.1.1"
    /// Old versions wait for ever where they can't go on.
    private static let patience: CInt = 10_000

    /// Makes a namespace, pinned to a file, and connects it. When it returns, ports of the host's lead in.
    package static func start(
        pinnedAt pin: FilePath,
        ports: [PortBinding],
        forwardsNames: Bool
    ) throws(PlainFailure) {
        let words = try words(pin, ports, forwardsNames: forwardsNames)
        do {
            _ = try ContainerSpace(pinnedAt: pin)
            try run(words)
        } catch {
            stop(pin)
            if let failure = error as? PlainFailure { throw failure }
            throw PlainFailure(.unavailable, "could not set up the container's network: \(error)", hint: Self.hint)
        }
    }

    /// Ends it, and takes the namespace off its file. Nothing happens where there is none.
    package static func stop(_ pin: FilePath) {
        let file = processFile(pin)
        if let folder = try? Directory.open(file.parent),
            let bytes = try? folder.readInRoot(PathBytes(file.lastComponent?.string ?? ""), limit: 32),
            let number = Int32(String(decoding: bytes.prefix { (48...57).contains($0) }, as: UTF8.self)), number > 1,
            let process = try? ProcessDescriptor.open(number), let words = words(of: number),
            // The number may be another's by now. Who has no words is about to be gone, and has its ports until then.
            words.isEmpty || words.contains(where: { $0.elementsEqual(pin.string.utf8) })
        {
            if !words.isEmpty { try? ProcessDescriptor.signal(process.raw, SIGKILL) }
            // Its ports are free when it has gone.
            _ = ProcessDescriptor.ends(process.raw, withinMilliseconds: 2_000)
        }
        ContainerSpace.unpin(pin)
        unlink(file.string)
    }

    static let hint = "--network none and --network host work without it"

    /// What a process was started with; nil where it isn't there.
    private static func words(of process: Int32) -> [ArraySlice<UInt8>]? {
        guard let folder = try? Directory.open(FilePath("/proc/\(process)")) else { return nil }
        return (try? folder.readInRoot("cmdline", limit: 65_536))?.split(separator: 0)
    }

    // MARK: - Starting

    private static func find() throws(PlainFailure) -> FilePath {
        let need = "the network of an ordinary user's containers needs"
        return try HostProgram.find(program, in: folders, need, hint: "apt-get install passt; \(hint)")
    }

    /// pasta of 2023 hangs where it can't open the device.
    static func checkDevice() throws(PlainFailure) {
        let raw = open(device, O_RDWR | O_CLOEXEC)
        if raw >= 0 {
            close(raw)
            return
        }
        let error = SystemError("open", device, currentErrno())
        let cure =
            error.errno == .noSuchFileOrDirectory || error.errno == .noSuchAddressOrDevice
            ? "modprobe tun" : "chmod 666 \(device) as root"
        throw PlainFailure(
            error.kind,
            "the network of an ordinary user's containers needs a device that can't be opened: \(error)",
            hint: "\(cure); \(hint)"
        )
    }

    /// The program and its arguments, once it is sure that it can work.
    static func words(
        _ pin: FilePath,
        _ ports: [PortBinding],
        forwardsNames: Bool
    ) throws(PlainFailure) -> [String] {
        let program = try find()
        try checkDevice()
        var words = [program.string, "--config-net", "--quiet", "--ipv4-only", "--no-map-gw"]
        words += ["--pid", processFile(pin).string, "--tcp-ns", "none", "--udp-ns", "none"]
        if forwardsNames { words += ["--dns-forward", nameServer] }
        for (kind, flag) in [(PortProtocol.tcp, "--tcp-ports"), (.udp, "--udp-ports")] {
            let specifications = ports.filter { $0.container.protocol == kind && !$0.isIPv6 }.map(Self.specification)
            for specification in specifications.isEmpty ? ["none"] : specifications { words += [flag, specification] }
        }
        if ports.contains(where: { $0.container.protocol == .sctp }) {
            throw PlainFailure(.unsupported, "\(Self.program) can't publish ports of SCTP")
        }
        return words + ["--netns", pin.string]
    }

    /// `127.0.0.1/8080:80`
    private static func specification(_ binding: PortBinding) -> String {
        let address = binding.hostAddress == PortBinding.any ? "" : binding.hostAddress + "/"
        return "\(address)\(binding.hostPort):\(binding.container.number)"
    }

    private static func processFile(_ pin: FilePath) -> FilePath { FilePath(pin.string + ".process") }

    /// Returns when it has gone on in the background, which is when all is there.
    static func run(_ words: [String]) throws {
        let said = try MemoryFile.make(name: "pasta", bytes: [])
        let null = OwnedDescriptor(adopting: try check("open", "/dev/null") { open("/dev/null", O_RDWR | O_CLOEXEC) })
        var program = ChildProgram(words)
        program.hasOwnGroup = true
        let child = try program.start(input: null.raw, output: null.raw, error: said.raw)
        let process = try ProcessDescriptor.open(child.number)
        guard ProcessDescriptor.ends(process.raw, withinMilliseconds: patience) else {
            kill(-child.number, SIGKILL)
            throw PlainFailure(.unavailable, "\(Self.program) isn't ready after \(patience / 1000) seconds", hint: hint)
        }
        let status = try child.wait()
        if status == 0 { return }
        let reason = try HostProgram.lastLine(of: said, besides: "syslog")
        throw PlainFailure(
            .unavailable,
            "could not set up the container's network: \(Self.program): \(reason ?? "exit status \(status)")",
            hint: hint
        )
    }
}
