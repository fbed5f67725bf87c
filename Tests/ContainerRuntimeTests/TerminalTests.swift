import ContainerRuntime
import Glibc
import LinuxSystem
import OCISpec
import SocleTesting
import SystemPackage
import Testing

@Suite(.requires(Sandbox.needs)) struct TerminalTests {
    /// Runs with a terminal; what came out of it.
    private func run(
        _ box: Sandbox,
        _ line: String,
        input: String = "",
        change: (inout RuntimeSpec) -> Void = { _ in }
    ) throws -> (text: String, code: Int32) {
        var spec = box.spec(["/bin/sh", "-c", line])
        spec.process?.terminal = true
        change(&spec)
        var container = try NativeExecutor().launch(box.request(spec, .terminal(rows: 33, columns: 101)))
        let master = container.takeTerminal()?.release() ?? -1
        #expect(master >= 0)
        defer { close(master) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        if !input.isEmpty {
            // Not before the program listens.
            text += buffer[..<(try DescriptorIO.read(master, into: &buffer))]
            try DescriptorIO.write(master, Array(input.utf8).span)
        }
        // The end of a terminal is an error: nobody has the other side open any more.
        while let count = try? DescriptorIO.read(master, into: &buffer), count > 0 { text += buffer[..<count] }
        return (String(decoding: text, as: UTF8.self), try container.wait().code)
    }

    @Test func theProgramHasAControllingTerminal() throws {
        let box = try Sandbox()
        let (text, code) = try run(
            box,
            "tty; stty size; readlink /proc/self/fd/0; stat -c '%t:%T' /dev/console; echo x > /dev/tty; ls /dev/pts"
        )
        #expect(code == 0)
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        #expect(lines.prefix(3) == ["/dev/pts/0", "33 101", "/dev/pts/0"])
        #expect(lines.count > 4 && lines[3].hasPrefix("88:") && lines[4] == "x")
        #expect(text.contains("ptmx"))
    }

    @Test func inputAndInterrupts() throws {
        let box = try Sandbox()
        let (text, code) = try run(
            box,
            "trap 'echo stopped; exit 5' INT; echo ready; while :; do sleep 0.1; done",
            input: "\u{3}"
        )
        #expect(text.contains("stopped") && code == 5)
    }

    @Test func aUserOwnsIt() throws {
        let box = try Sandbox()
        let (text, _) = try run(box, "stat -c '%u %a' /dev/pts/0; echo y > /dev/tty") { spec in
            spec.process?.user = .init(uid: 1000, gid: 1000, additionalGids: [1000])
        }
        #expect(text.hasPrefix("1000 620") && text.contains("y"))
    }
}
