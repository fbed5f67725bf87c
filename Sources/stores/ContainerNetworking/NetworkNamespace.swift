private import CLinuxShims
internal import LinuxSystem
internal import SystemPackage

/// A network namespace that lives as long as somebody has it open or a process is in it.
struct NetworkNamespace: ~Copyable {
    let descriptor: OwnedDescriptor
    /// A socket to the namespace's own routing tables, which every thread can use.
    var routing: RoutingSocket

    /// A new namespace, with nothing but `lo`, which is down. Cards that come get no addresses of version 6.
    init() throws(NetworkError) { try self.init { () throws(NetworkError) in try Self.make() } }

    /// A namespace that is there.
    init(at path: FilePath) throws(NetworkError) {
        try self.init { () throws(NetworkError) in try Self.open(path) }
    }

    /// A thread that has moved into a namespace can't be given to anybody else, so it is one of its own.
    private init(_ enter: @escaping @Sendable () throws(NetworkError) -> Opened) throws(NetworkError) {
        let outcome = Guarded<Result<Opened, NetworkError>?>(nil)
        let isStarted = DetachedThread.start {
            let result = Result { () throws(NetworkError) in try enter() }
            outcome.update { $0 = result }
        }
        guard isStarted else { throw NetworkError(.system(SystemError("pthread_create", nil, .noMemory))) }
        let opened = try outcome.wait { $0 }.get()
        descriptor = OwnedDescriptor(adopting: opened.namespace)
        routing = RoutingSocket(adopting: OwnedDescriptor(adopting: opened.socket))
    }

    /// Descriptors on their way from one thread to another.
    private struct Opened: Sendable {
        var namespace: CInt
        var socket: CInt
    }

    private static func make() throws(NetworkError) -> Opened {
        let descriptor = try network { () throws(SystemError) in
            try check("unshare") { linux_own_network() }
            return try NamespaceKind.network.open("/proc/thread-self/ns/net")
        }
        try KernelSetting.isWithoutIPv6("default").turnOn()
        let socket = try RoutingSocket.open()
        return Opened(namespace: descriptor.release(), socket: socket.release())
    }

    /// Runs `body` on a thread of its own that is in a namespace.
    static func within(
        _ path: FilePath,
        _ body: @escaping @Sendable () throws(NetworkError) -> Void
    ) throws(NetworkError) {
        let outcome = Guarded<Result<Void, NetworkError>?>(nil)
        let isStarted = DetachedThread.start {
            let result = Result { () throws(NetworkError) in
                try enter(path)
                try body()
            }
            outcome.update { $0 = result }
        }
        guard isStarted else { throw NetworkError(.system(SystemError("pthread_create", nil, .noMemory))) }
        try outcome.wait { $0 }.get()
    }

    /// Moves the thread into a namespace, for good.
    static func enter(_ path: FilePath) throws(NetworkError) { _ = try entered(path) }

    private static func entered(_ path: FilePath) throws(NetworkError) -> OwnedDescriptor {
        try network { () throws(SystemError) in
            let descriptor = try NamespaceKind.network.open(path)
            try check("setns", path.string) { linux_enter_network(descriptor.raw) }
            return descriptor
        }
    }

    private static func open(_ path: FilePath) throws(NetworkError) -> Opened {
        let descriptor = try entered(path)
        let socket = try RoutingSocket.open()
        return Opened(namespace: descriptor.release(), socket: socket.release())
    }
}
