import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

@testable import BuildOperations

/// What a step may ask the caller's agent, and what not.
@Suite(.requires(.root)) struct AgentRelayTests {
    private static func bytes(_ kind: UInt8, _ body: String = "") -> [UInt8] {
        let message = [kind] + Array(body.utf8)
        return [0, 0, 0, UInt8(message.count)] + message
    }

    /// An agent that answers everything with the kind of the question and one more.
    private func agent(_ listener: consuming OwnedDescriptor) {
        let raw = listener.release()
        _ = DetachedThread.start {
            do {
                let client = try UnixSocket.accept(raw)
                let never = try Pipe()
                while true {
                    let question = try AgentMessage.read(from: client.raw, until: never.reading.raw)
                    try AgentMessage(bytes: [question.bytes[0] + 100]).write(to: client.raw)
                }
            } catch {}  // the other side has gone
        }
    }

    @Test func onlyHarmlessQuestionsPass() throws {
        let root = try TemporaryRoot()
        let folder = try Directory.open(root.path)
        agent(try UnixSocket.listen(as: "real", in: folder))
        let relay = try AgentRelay(to: root("real"), in: root("step"), mode: 0o600, uid: 1, gid: 2)
        let status = try #require(try Directory.open(root("step")).status("agent"))
        #expect(status.kind == .socket && [status.permissions, status.uid, status.gid] == [0o600, 1, 2])
        let client = try UnixSocket.connect(to: root("step/agent"))
        let never = try Pipe()
        let expected: [(UInt8, UInt8)] = [
            (11, 111), (13, 113), (17, 5), (18, 5), (19, 5), (22, 5), (25, 5), (27, 5), (0, 5),
        ]
        for (kind, answer) in expected {
            let question = Self.bytes(kind, "body")
            try DescriptorIO.write(client.raw, question.span)
            let said = try AgentMessage.read(from: client.raw, until: never.reading.raw)
            #expect(said.bytes == [answer], "\(kind)")
        }
        relay.stop()
        #expect(throws: SystemError.self) { try AgentMessage.read(from: client.raw, until: never.reading.raw) }
    }

    @Test func messagesAreBounded() throws {
        let pipe = try Pipe()
        let never = try Pipe()
        let (tooLong, empty): ([UInt8], [UInt8]) = ([0, 5, 0, 0], [0, 0, 0, 0])
        try DescriptorIO.write(pipe.writingEnd, tooLong.span)
        #expect(throws: (any Error).self) { try AgentMessage.read(from: pipe.reading.raw, until: never.reading.raw) }
        try DescriptorIO.write(pipe.writingEnd, empty.span)
        #expect(throws: (any Error).self) { try AgentMessage.read(from: pipe.reading.raw, until: never.reading.raw) }
    }
}
