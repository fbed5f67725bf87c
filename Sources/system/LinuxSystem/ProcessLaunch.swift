private import CLinuxShims
private import Glibc
private import SystemPackage

/// Starting a program in namespaces of its own: the one clone of the product, made in C.
package struct ProcessLaunch: Sendable {
    /// A sealed memfd with the program.
    package var program: CInt
    /// Becomes descriptor 4.
    package var plan: CInt
    /// Becomes descriptor 3.
    package var report: CInt
    /// Become 0, 1 and 2.
    package var streams: (CInt, CInt, CInt)
    /// Become 5 and on.
    package var slots: [CInt]
    /// `CLONE_NEW…` flags.
    package var namespaces: UInt64

    package init(
        program: CInt,
        plan: CInt,
        report: CInt,
        streams: (CInt, CInt, CInt),
        slots: [CInt],
        namespaces: UInt64
    ) {
        self.program = program
        self.plan = plan
        self.report = report
        self.streams = streams
        self.slots = slots
        self.namespaces = namespaces
    }

    /// A process just started, and a descriptor of it.
    package struct Child: ~Copyable {
        package let pid: Int32
        package let descriptor: OwnedDescriptor

        /// Gives the descriptor away.
        package consuming func takeDescriptor() -> OwnedDescriptor { descriptor }
    }

    /// Clones, and executes the program as `name`. Returns when it has been executed, or has failed to (then it exits 125).
    package func start(name: String) throws(SystemError) -> Child {
        var pidfd: CInt = -1
        let pid = try slots.withUnsafeBufferPointer { (slots) throws(SystemError) in
            var failure: SystemError?
            let pid = name.withCString { name in
                var launch = linux_launch_request(
                    program: program,
                    plan: plan,
                    report: report,
                    streams: streams,
                    slots: slots.baseAddress,
                    slot_count: CInt(slots.count),
                    name: name,
                    namespaces: namespaces
                )
                let pid = linux_launch(&launch, &pidfd)
                if pid < 0 { failure = SystemError("clone", nil, currentErrno()) }
                return pid
            }
            if let failure { throw failure }
            return pid
        }
        return Child(pid: pid, descriptor: OwnedDescriptor(adopting: pidfd))
    }
}

/// A file in memory that no path leads to.
package enum MemoryFile {
    /// A file with `bytes`.
    package static func make(name: String, bytes: [UInt8]) throws(SystemError) -> OwnedDescriptor {
        let file = OwnedDescriptor(adopting: try check("memfd_create") { linux_memfd(name, 0) })
        try DescriptorIO.write(file.raw, bytes.span)
        return file
    }

    /// A program that nobody can change any more.
    package static func sealedProgram(
        name: String,
        bytes: UnsafeRawBufferPointer
    ) throws(SystemError) -> OwnedDescriptor {
        let file = OwnedDescriptor(adopting: try check("memfd_create") { linux_memfd(name, 1) })
        var written = 0
        while written < bytes.count {
            written += try check("write") {
                Glibc.write(file.raw, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            }
        }
        try check("fcntl") { linux_seal(file.raw) }
        return file
    }
}

/// Two connected sockets that keep messages apart.
package struct SocketPair: ~Copyable {
    package let near: OwnedDescriptor
    package let far: OwnedDescriptor

    package init() throws(SystemError) {
        var pair: [CInt] = [-1, -1]
        try check("socketpair") { linux_socket_pair(&pair) }
        near = OwnedDescriptor(adopting: pair[0])
        far = OwnedDescriptor(adopting: pair[1])
    }

    /// Closes the far end, keeps the near one.
    package consuming func takeNear() -> OwnedDescriptor { near }

    /// Receives one message of at most `limit` bytes and a descriptor that came with it; no bytes at the end.
    package static func receive(
        _ socket: CInt,
        limit: Int
    ) throws(SystemError) -> (bytes: [UInt8], passed: CInt) {
        var buffer = [UInt8](repeating: 0, count: limit)
        var passed: CInt = -1
        let count = try check("recvmsg") { linux_receive(socket, &buffer, limit, &passed) }
        return (Array(buffer[..<count]), passed)
    }
}
