private import CLinuxShims
private import Glibc
internal import LinuxSystem
internal import Reporting
package import SystemPackage

/// Where the networks of an ordinary user's own are: a network namespace in which socle does what it does on the host for
/// root (bridges, packet rules, names), and slirp4netns, through which packets get out and published ports come in.
///
/// There is one for a store, as long as a container is on such a network. slirp4netns needs no rights but `/dev/net/tun`;
/// unlike pasta it can be told of ports while it runs. Whoever starts or stops it sees to it that nobody else does so.
package struct UserModeRouter: Sendable {
    private static let program = "slirp4netns"
    private static let folders: [FilePath] = ["/usr/bin", "/usr/local/bin", "/bin"]
    private static let card = "tap0"
    /// slirp4netns' own addresses: containers' networks must have others.
    package static let subnet = IPv4Subnet(IPv4Address(10, 0, 2, 0), prefix: 24)
    /// Where it is in that: ports of the host's lead there.
    static let address = IPv4Address(10, 0, 2, 100)
    /// Asks the servers of the host's, also one that listens on the host's loopback address.
    package static let nameServer = IPv4Address(10, 0, 2, 3)
    private static let patience: CInt = 10_000

    /// Where its files are.
    private let folder: FilePath

    package init(folder: FilePath) { self.folder = folder }

    private var pin: FilePath { folder.appending("namespace") }
    private var control: SlirpControl { SlirpControl(socket: folder.appending("control")) }

    /// Whether the namespace is there.
    package var isThere: Bool { (try? NamespaceKind.network.open(pin)) != nil }

    // MARK: - Being there

    /// Starts what isn't there; whether the program was started, which knows no ports then.
    package func start() throws -> Bool {
        let isThere = isThere
        if isThere, control.process != nil { return false }
        let program = try Self.find()
        try UserModeNetwork.checkDevice()
        let directory = try Directory.open(folder, create: true, mode: 0o700)
        // A program without a namespace, or the file of one that was killed.
        control.end()
        try? directory.remove("control")
        if !isThere {
            ContainerSpace.unpin(pin)
            _ = try ContainerSpace(pinnedAt: pin)
        }
        do { try run(program, directory) } catch {
            if !isThere { ContainerSpace.unpin(pin) }
            throw error
        }
        return true
    }

    /// Ends all of it. Nothing happens where there is nothing.
    package func stop() {
        control.end()
        ContainerSpace.unpin(pin)
        unlink(folder.appending("control").string)
    }

    private static func find() throws(PlainFailure) -> FilePath {
        let hint = "apt-get install \(program); --network bridge, none and host work without it"
        return try HostProgram.find(program, in: folders, "an ordinary user's own networks need", hint: hint)
    }

    /// Returns when it is ready, which it says by a byte on what is its input.
    private func run(_ program: FilePath, _ directory: borrowing Directory) throws {
        let said = try MemoryFile.make(name: "slirp4netns", bytes: [])
        var ready = try Pipe()
        // Through the descriptor: the address of a socket has 107 bytes. It is the child of a child that has ended, so
        // nobody has to wait for it.
        let words = [
            "setsid", "--fork", program.string, "--configure", "--mtu=65520", "--disable-host-loopback",
            "--enable-sandbox",
            "--enable-seccomp", "--ready-fd=0", "--api-socket=/proc/\(getpid())/fd/\(directory.descriptor.raw)/control",
            "--netns-type=path", pin.string, Self.card,
        ]
        let status = try ChildProgram(words).run(input: ready.writingEnd, output: said.raw, error: said.raw)
        ready.closeWriting()
        if status == 0, ProcessDescriptor.ends(ready.reading.raw, withinMilliseconds: Self.patience) {
            var byte: [UInt8] = [0]
            if try DescriptorIO.read(ready.reading.raw, into: &byte) == 1 { return }
        }
        control.end()
        let reason = try HostProgram.lastLine(of: said, besides: "seccomp is experimental")
        throw PlainFailure(
            .unavailable,
            "could not set up the user's networks: \(Self.program): \(reason ?? "isn't ready after \(Self.patience / 1000) seconds")"
        )
    }

    // MARK: - Inside

    /// Runs `body` on a thread that is in the namespace.
    ///
    /// It is another thread, so it must not begin what the caller has begun, such as a transaction.
    package func within<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
        let pin = pin
        let outcome = Guarded<Swift.Result<Result, any Error>?>(nil)
        let isStarted = DetachedThread.start {
            let result = Swift.Result {
                try NetworkNamespace.enter(pin)
                return try body()
            }
            outcome.update { $0 = result }
        }
        guard isStarted else { throw NetworkError(.system(SystemError("pthread_create", nil, .noMemory))) }
        return try outcome.wait { $0 }.get()
    }

    // MARK: - Ports

    /// Has a port of the host's lead to one of the router's.
    package func open(_ entrance: RouterEntrance) throws {
        do { try control.add(entrance, to: Self.address) } catch let error as PlainFailure {
            let binding = entrance.binding
            throw PlainFailure(
                .conflict,
                "could not publish \(binding.host): \(error)",
                hint: binding.hostPort < 1024
                    ? "an ordinary user has no ports below that of sysctl net.ipv4.ip_unprivileged_port_start" : nil
            )
        }
    }

    /// Gives ports of the host's back; those that aren't open stay as they are.
    package func close(_ entrances: [RouterEntrance]) throws {
        if !entrances.isEmpty { try control.remove(entrances) }
    }
}

/// A port of the host's, and the one of the router's that it leads to: two addresses of the host's may have the same port.
package struct RouterEntrance: Hashable, Sendable {
    package var binding: PortBinding
    package var port: UInt16

    package init(_ binding: PortBinding, port: UInt16) {
        self.binding = binding
        self.port = port
    }

    /// How the router's packet rules see it.
    package var inside: PortBinding {
        PortBinding(hostAddress: PortBinding.any, hostPort: port, container: binding.container)
    }
}
