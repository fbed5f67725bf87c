internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A socket to the kernel's routing tables, of the network namespace in which it was opened.
struct RoutingSocket: ~Copyable {
    private let socket: OwnedDescriptor
    private var sequence: UInt32

    init() throws(NetworkError) { self.init(adopting: try Self.open()) }

    init(adopting socket: consuming OwnedDescriptor, sequence: UInt32 = 0) {
        self.socket = socket
        self.sequence = sequence
    }

    /// The same socket for a second owner, who must not use it at the same time.
    borrowing func duplicate() throws(SystemError) -> OwnedDescriptor { try socket.duplicate() }

    /// A socket of the calling thread's namespace, which it keeps.
    static func open(_ family: CInt = 0 /* NETLINK_ROUTE */) throws(NetworkError) -> OwnedDescriptor {
        let type = CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let raw = try network { () throws(SystemError) in
            try check("socket") { Glibc.socket(AF_NETLINK, type, family) }
        }
        return OwnedDescriptor(adopting: raw)
    }

    /// Has a change made; `subject` is what messages name.
    mutating func change(_ message: NetlinkMessage, _ subject: String) throws(NetworkError) {
        var message = message
        message.flags.insert(.acknowledge)
        try send(message)
        while true {
            for answer in try receive() where answer.sequence == sequence && answer.kind == NetlinkAnswer.error {
                guard let errno = answer.errno else { return }
                throw NetworkError(.system(SystemError("netlink", subject, errno)))
            }
        }
    }

    /// Asks for one thing or, with `dump`, for all there are.
    mutating func ask(_ message: NetlinkMessage, _ subject: String) throws(NetworkError) -> [NetlinkAnswer] {
        try send(message)
        var answers: [NetlinkAnswer] = []
        while true {
            for answer in try receive() where answer.sequence == sequence {
                if let errno = answer.errno { throw NetworkError(.system(SystemError("netlink", subject, errno))) }
                if answer.kind == NetlinkAnswer.done || answer.kind == NetlinkAnswer.error { return answers }
                answers.append(answer)
                if !message.flags.isSuperset(of: .dump) { return answers }
            }
        }
    }

    private mutating func send(_ message: NetlinkMessage) throws(NetworkError) {
        sequence += 1
        let bytes = message.encoded(sequence: sequence)
        try network { () throws(SystemError) in
            try check("send") { Glibc.send(socket.raw, bytes, bytes.count, 0) }
        }
    }

    private func receive() throws(NetworkError) -> [NetlinkAnswer] {
        // The kernel fills at most 32 KiB of a dump at a time.
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = try network { () throws(SystemError) in
            try check("recv") { recv(socket.raw, &buffer, buffer.count, 0) }
        }
        return try NetlinkAnswer.parse(Array(buffer.prefix(count)))
    }
}
