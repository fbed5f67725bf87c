import ContainerRuntime
import Glibc
import LinuxSystem
import OCISpec
import SocleTesting
import SystemPackage
import Testing

/// Containers as they really run.
@Suite(.requires(Sandbox.needs)) struct LaunchTests {
    @Test func aProgramRunsAndItsExitStatusComesBack() throws {
        let box = try Sandbox()
        #expect(try box.run("echo", "hello").output == "hello\n")
        #expect(try box.shell("exit 7").code == 7)
        #expect(try box.leftovers().isEmpty)
    }

    @Test func errorsAreDockers() throws {
        let box = try Sandbox()
        let missing = try #require(try box.failure("nope"))
        #expect(missing.exitCode == 127)
        #expect(
            missing.description
                == "unable to start container process: exec: \"nope\": executable file not found in $PATH"
        )
        let path = try #require(try box.failure("/nope"))
        #expect(path.exitCode == 127)
        #expect(path.description.hasSuffix("exec: \"/nope\": stat /nope: no such file or directory"))
        let folder = try #require(try box.failure("/etc"))
        #expect(folder.exitCode == 126)
        #expect(folder.description.hasSuffix("exec: \"/etc\": permission denied"))
        try box.write("lower/text", "no program", mode: 0o755)
        let text = try #require(try box.failure("/text"))
        #expect(text.exitCode == 1)
        #expect(text.description == "exec /text: exec format error")
        #expect(try box.leftovers().isEmpty)
    }
}
