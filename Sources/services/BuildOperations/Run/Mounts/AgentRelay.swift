import LinuxSystem
import Reporting
import SystemPackage

/// A socket that answers for the caller's SSH agent while a step runs.
///
/// Programs may list the keys and sign with them, and nothing else: they can't add, remove or lock keys of the caller's. The
/// agent sees a connection of this process's, so it doesn't matter as whom the program runs.
final class AgentRelay: Sendable {
    /// The socket's file, to be mounted.
    let tree: SharedTree
    private let agent: FilePath
    private let listener: OwnedDescriptor
    /// Readable from the moment when everything shall end.
    private let stopped: Pipe

    /// Listens in a folder of the step's.
    init(to agent: FilePath, in path: FilePath, mode: UInt32, uid: UInt32, gid: UInt32) throws {
        let folder = try Directory.open(path, create: true)
        stopped = try Pipe()
        listener = try UnixSocket.listen(as: "agent", in: folder)
        try folder.chown("agent", uid: uid, gid: gid)
        try folder.chmod("agent", mode)
        tree = try SharedTree(MountTree.copying(of: try folder.reference("agent")))
        self.agent = agent
        guard DetachedThread.start({ self.listen() }) else {
            throw PlainFailure(.exhausted, "no thread for the agent's socket")
        }
    }

    /// Ends all connections; a step that still uses one finds it closed.
    func stop() {
        let one: [UInt8] = [1]
        // A pipe that can't be written to was written to before.
        try? DescriptorIO.write(stopped.writingEnd, one.span)
    }

    private func listen() {
        while let ready = try? Readiness.wait(for: [stopped.reading.raw, listener.raw]), !ready[0] {
            guard let client = try? UnixSocket.accept(listener.raw) else { continue }
            let raw = client.release()
            let isStarted = DetachedThread.start { self.serve(OwnedDescriptor(adopting: raw)) }
            if !isStarted { _ = OwnedDescriptor(adopting: raw) }
        }
    }

    /// One connection, a question and an answer at a time; whatever goes wrong ends it.
    private func serve(_ client: consuming OwnedDescriptor) {
        guard let agent = try? UnixSocket.connect(to: agent) else { return }
        while let question = try? AgentMessage.read(from: client.raw, until: stopped.reading.raw) {
            let answer: AgentMessage?
            if question.isHarmless {
                try? question.write(to: agent.raw)
                answer = try? AgentMessage.read(from: agent.raw, until: stopped.reading.raw)
            } else {
                answer = .failure
            }
            guard let answer, (try? answer.write(to: client.raw)) != nil else { return }
        }
    }
}

/// A message of the agent's protocol: a kind and a body, behind their length.
struct AgentMessage: Equatable {
    var bytes: [UInt8]

    /// The most that agents take.
    static let largest = 256 << 10
    private static let listsKeys: UInt8 = 11
    private static let signs: UInt8 = 13
    static let failure = AgentMessage(bytes: [5])

    /// Whether it only asks for what the keys are for.
    var isHarmless: Bool { bytes.first == Self.listsKeys || bytes.first == Self.signs }

    /// The next message; an error where there is none, or when `stop` can be read.
    static func read(from socket: CInt, until stop: CInt) throws -> AgentMessage {
        let head = try read(4, from: socket, until: stop)
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        guard (1...largest).contains(length) else {
            throw PlainFailure(.corrupt, "a message of \(length) bytes for the SSH agent")
        }
        return AgentMessage(bytes: try read(length, from: socket, until: stop))
    }

    private static func read(_ count: Int, from socket: CInt, until stop: CInt) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let ready = try Readiness.wait(for: [stop, socket])
            if ready[0] { throw SystemError("read", nil, .canceled) }
            let more = try DescriptorIO.read(socket, into: &buffer, from: filled)
            if more == 0 { throw SystemError("read", nil, .brokenPipe) }
            filled += more
        }
        return buffer
    }

    func write(to socket: CInt) throws(SystemError) {
        let length = UInt32(bytes.count)
        let head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }
        try DescriptorIO.write(socket, (head + bytes).span)
    }
}
