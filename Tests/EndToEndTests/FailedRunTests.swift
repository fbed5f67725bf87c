import SocleTesting
import SystemPackage
import Testing

/// A RUN that fails: what is said, and what can be looked at afterwards.
@Suite(.requires(.all(.root, .overlay, .tool("python3"), Fixture.busybox)), .serialized)
final class FailedRunTests {
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        try socle.output("import", tar, "base")
        try Command.output(of: "rm", ["-rf", "root", "busybox.tar"], directory: socle.work)
        self.socle = socle
    }

    private func failing(_ dockerfile: String, _ flags: [String] = []) throws -> String {
        try socle.write(["Dockerfile": .file(Array(dockerfile.utf8))])
        let result = try socle.run(["build", "--network", "none", "--progress", "plain"] + flags + ["."])
        #expect(result.status == 1, "\(result.errorText)")
        return result.errorText
    }

    @Test func theFailedStepsFileSystemIsAnImage() throws {
        let text = try failing(
            """
            FROM base
            ENV A=b
            WORKDIR /work
            RUN echo before > kept
            RUN for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; done; echo made > new; rm kept; exit 42
            """
        )
        #expect(
            text.contains(
                "process \"/bin/sh -c for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; done; echo made > new; rm kept; exit 42\" did not complete successfully: exit code: 42"
            )
        )
        // The last ten lines, and the place.
        let frame = try #require(text.components(between: "------\n > ", and: "------\n"))
        #expect(frame.contains("line 3\n") && frame.contains("line 12\n") && !frame.contains("line 2\n"), "\(frame)")
        #expect(text.contains("   5 | >>> RUN for i in"), "\(text)")
        #expect(text.contains("Dockerfile:5"), "\(text)")
        // The offer holds.
        let offer = try #require(text.components(between: "`socle run -it --rm ", and: " sh`"))
        #expect(
            try socle.output("run", "--rm", offer, "sh", "-c", "pwd; ls; cat new; echo $A") == "/work\nnew\nmade\nb"
        )
        #expect(text.contains("`socle build --debug-shell` opens a shell in it"))
        // It is as any image without a name.
        #expect(try socle.output("images", "-q", "-f", "dangling=true") == offer)
        try socle.output("rmi", offer)
        try socle.expectNothingLeft()
    }

    @Test func whatIsMissingIsNamed() throws {
        let scratch = try failing("FROM scratch\nRUN echo hello")
        #expect(
            scratch.contains(
                "failed to solve: process \"/bin/sh -c echo hello\" did not complete successfully: exec: \"/bin/sh\": stat /bin/sh: no such file or directory\nhint: the image has no shell /bin/sh: use the exec form, RUN [\"program\", \"argument\"], or a base that has one"
            ),
            "\(scratch)"
        )
        #expect(scratch.contains("   2 | >>> RUN echo hello"))
        #expect(!scratch.contains("socle run -it"))
        let absent = try failing("FROM base\nRUN [\"nosuch\", \"x\"]")
        #expect(
            absent.contains(
                "process \"nosuch x\" did not complete successfully: exec: \"nosuch\": executable file not found in $PATH\nhint: nosuch is in no directory of PATH"
            ),
            "\(absent)"
        )
        let plain = try failing("FROM base\nRUN [\"/etc/passwd\"]")
        #expect(
            plain.contains(
                "exec: \"/etc/passwd\": permission denied\nhint: /etc/passwd is not executable for anybody"
            ),
            "\(plain)"
        )
        let command = try failing("FROM base\nRUN nosuchcommand")
        #expect(
            command.contains("exit code: 127\nhint: 127 is a shell's word for a command that it doesn't find"),
            "\(command)"
        )
        let folder = try failing("FROM base\nRUN /etc")
        #expect(folder.contains("exit code: 126\nhint: 126 is"), "\(folder)")
        try socle.expectNothingLeft()
    }

    @Test func whatTheKernelKilledIsNamed() throws {
        let text = try failing(
            "FROM base\nRUN head -c 200m /dev/zero | tail -c 150000000 > /dev/null",
            ["--memory", "32m"]
        )
        #expect(text.contains("hint: the kernel killed it: its memory limit was reached"), "\(text)")
        let killed = try failing("FROM base\nRUN sleep 100 & kill -9 $!; wait $!")
        #expect(killed.contains("exit code: 137\nhint: something killed it"), "\(killed)")
        try socle.expectNothingLeft()
    }

    /// Nothing of a step that failed is remembered.
    @Test func aFailedStepIsDoneAgain() throws {
        let dockerfile = """
            FROM base
            RUN --mount=type=cache,target=/c [ -e /c/second ] || { touch /c/second; exit 1; }; echo well
            """
        _ = try failing(dockerfile)
        let again = try socle.run(["build", "--network", "none", "--progress", "plain", "."])
        #expect(again.status == 0 && again.errorText.contains(" well\n"), "\(again.errorText)")
    }
}

extension String {
    /// The first text between two others.
    fileprivate func components(between start: String, and end: String) -> String? {
        guard let from = firstRange(of: start)?.upperBound, let to = self[from...].firstRange(of: end)?.lowerBound
        else {
            return nil
        }
        return String(self[from..<to])
    }
}

extension StringProtocol {
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(text) { return at..<index(at, offsetBy: text.count) }
            at = index(after: at)
        }
        return nil
    }
}
