import ContainerRuntime
import Glibc
import LinuxSystem
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

/// How containers end, and that nothing is left.
@Suite(.requires(Sandbox.needs)) struct LifetimeTests {
    @Test func signalsAndExitCodes() throws {
        let box = try Sandbox()
        var container = try NativeExecutor().launch(
            box.request(box.spec(["/bin/sleep", "100"]), .descriptors(input: 0, output: 1, error: 2))
        )
        // Process 1 of a namespace ignores what it has no handler for, except this.
        try container.signal(SIGKILL)
        let status = try container.wait()
        #expect(status.reason == .signalled(SIGKILL) && status.code == 137)
        #expect(try container.wait() == status)
        try container.signal(SIGTERM)
        container.settle()
        #expect(try box.leftovers().isEmpty)
    }

    @Test func launchReturnsWhenTheProgramRuns() throws {
        let box = try Sandbox()
        let start = ContinuousClock.now
        let container = try NativeExecutor().launch(
            box.request(box.spec(["/bin/sleep", "30"]), .descriptors(input: 0, output: 1, error: 2))
        )
        #expect(start.duration(to: .now) < .seconds(10))
        #expect(container.pid > 1 && kill(container.pid, 0) == 0)
    }

    @Test func lettingGoEndsEverything() throws {
        let box = try Sandbox()
        let pid: Int32
        do {
            let container = try NativeExecutor().launch(
                box.request(box.spec(["/bin/sleep", "100"]), .descriptors(input: 0, output: 1, error: 2))
            )
            pid = container.pid
        }
        #expect(kill(pid, 0) != 0)
        #expect(try box.leftovers().isEmpty)
        // Nothing of it is mounted in this namespace either.
        let mounts = try Command.output(of: "cat", ["/proc/self/mountinfo"])
        #expect(!String(decoding: mounts, as: UTF8.self).contains(box.root.path.string))
    }

    @Test func initReapsAndPassesSignalsOn() throws {
        let box = try Sandbox()
        let result = try box.run(
            box.spec([
                "/bin/sh", "-c",
                "echo $$; (sleep 0.1 & ) ; cat /proc/1/comm; sleep 0.4; cat /proc/[0-9]*/stat | grep -c ') Z '; exit 9",
            ]),
            usesInit: true
        )
        #expect(result.lines == ["2", "socle-init", "0"])
        #expect(result.code == 9)
        let killed = try box.run(box.spec(["/bin/sh", "-c", "kill -TERM 1; sleep 5"]), usesInit: true)
        #expect(killed.code == 143)
        let missing = try #require(try box.failure("/nope"))
        #expect(missing.exitCode == 127)
    }

    @Test func aNameInUseIsRefused() throws {
        let box = try Sandbox()
        let container = try NativeExecutor().launch(
            box.request(box.spec(["/bin/sleep", "100"]), .descriptors(input: 0, output: 1, error: 2))
        )
        let error = try box.failure("true")
        #expect(error?.kind == .conflict)
        // The refusal has not touched the one that runs.
        let groups = try box.leftovers()
        #expect(kill(container.pid, 0) == 0 && !groups.isEmpty)
    }

    @Test func severalAtOnce() async throws {
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<8 {
                group.addTask { try Sandbox().run("echo", "\(number)").output }
            }
            var seen: Set<String> = []
            for try await text in group { seen.insert(text) }
            #expect(seen.count == 8)
        }
    }

    @Test func manyLayersAndADirectoryAsRoot() throws {
        let box = try Sandbox()
        var lowers: [FilePath] = []
        for number in 0..<60 {
            try box.write("layers/\(number)/l\(number)", "x")
            lowers.append(box.root("layers/\(number)"))
        }
        let output = try Directory.open(box.root.path).open("out", flags: O_RDWR | O_CREAT, mode: 0o600)
        var request = box.request(
            box.spec(["/bin/sh", "-c", "ls / | grep -c '^l[0-9]'"]),
            .descriptors(input: 0, output: output.raw, error: 2)
        )
        request.root = .overlay(
            lowers: lowers + [box.root("lower")],
            upper: box.root("upper"),
            work: box.root("work"),
            volatile: true
        )
        var container = try NativeExecutor().launch(request)
        #expect(try container.wait().code == 0)
        container.settle()
        request.root = .directory(box.root("lower"))
        request.spec.process?.args = ["/bin/sh", "-c", "echo kept > /etc/kept"]
        var second = try NativeExecutor().launch(request)
        #expect(try second.wait().code == 0)
        lseek(output.raw, 0, SEEK_SET)
        #expect(try DescriptorIO.readAll(output.raw, limit: 100) == Array("60\n".utf8))
        #expect(access(box.root("lower/etc/kept").string, F_OK) == 0)
    }

    @Test func theContainerOfABuildEndsWithItsParent() throws {
        let box = try Sandbox()
        let request = box.request(
            box.spec(["/bin/sleep", "10"]),
            .descriptors(input: 0, output: 1, error: 2),
            diesWithParent: true
        )
        let held = Held()
        let done = try LinuxSystem.Pipe()
        let end = done.writingEnd
        // The thread that launched it is the parent; it ends at once.
        let started = DetachedThread.start {
            held.container = try? NativeExecutor().launch(request)
            write(end, "x", 1)
        }
        #expect(started)
        _ = try Readiness.wait(for: [done.reading.raw])
        #expect(try held.container?.wait().code == 137)
    }
}

/// Keeps what another thread has launched; that thread is done when it is looked at.
private final class Held: @unchecked Sendable {
    var container: RunningContainer?
}
