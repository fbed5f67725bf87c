import ContainerRuntime
import OCISpec
import SocleTesting
import Testing

/// Seccomp profiles that allow less than what entering a container takes: the start fails with words, or goes on without what
/// Docker's runtime doesn't need either; it never hangs.
@Suite(.requires(Sandbox.needs), .timeLimit(.minutes(2))) struct NarrowFilterTests {
    private static let refusal = "SCMP_ACT_ERRNO"

    @Test(arguments: [refusal, "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP"], [false, true])
    func whatRefusesEverythingFailsTheStart(action: String, usesInit: Bool) throws {
        for noNewPrivileges in [false, true] {
            let box = try Sandbox()
            var spec = box.spec(["/bin/true"])
            spec.process?.noNewPrivileges = noNewPrivileges
            spec.linux?.seccomp = .init(defaultAction: action)
            let error = #expect(throws: RuntimeError.self) { try box.run(spec, usesInit: usesInit) }
            #expect(error?.description.hasSuffix("its first process has ended") == true && error?.exitCode == 125, "\(error as Any)")
            #expect(try box.leftovers().isEmpty)
        }
    }

    /// A refused report alone doesn't make a program of what has ended.
    @Test(arguments: [["setgroups", "write"], ["setgroups", "write", "exit_group"], ["execve", "write"], ["execve", "write", "exit_group"]])
    func whatRefusesReportsFailsTheStart(names: [String]) throws {
        let box = try Sandbox()
        let error = try box.failure("true") { $0.linux?.seccomp = Self.refusing(names) }
        #expect(error?.exitCode == 125)
        #expect(try box.leftovers().isEmpty)
    }

    @Test(arguments: [["statx"], ["rt_sigprocmask"], ["statx", "rt_sigprocmask", "setresuid", "setresgid", "openat2", "close_range"]])
    func whatDockersRuntimeDoesNotNeedMayBeRefused(names: [String]) throws {
        let box = try Sandbox()
        let result = try box.run("grep", "SigBlk", "/proc/self/status") { $0.linux?.seccomp = Self.refusing(names) }
        #expect(result.code == 0 && result.lines == ["SigBlk:\t0000000000000000"], "\(result.output)")
    }

    /// The first of two processes can't wait for the other one: whatever becomes of both, it comes to an end.
    @Test(arguments: ["rt_sigtimedwait", "wait4"]) func anInitThatCannotWaitEnds(name: String) throws {
        let box = try Sandbox()
        var spec = box.spec(["/bin/sleep", "1000"])
        spec.linux?.seccomp = Self.refusing([name, "exit_group"])
        if name == "wait4" { spec.process?.args = ["/bin/sh", "-c", "kill -9 $$"] }
        _ = try? box.run(spec, usesInit: true)
        #expect(try box.leftovers().isEmpty)
    }

    @Test func initTakesSignalsBesideAFilter() throws {
        let box = try Sandbox()
        var spec = box.spec(["/bin/sh", "-c", "trap 'echo told; exit 3' TERM; kill -TERM 1; while :; do sleep 0.05; done"])
        spec.linux?.seccomp = Self.refusing(["statx"])
        let result = try box.run(spec, usesInit: true)
        #expect(result.code == 3 && result.output == "told\n")
    }

    private static func refusing(_ names: [String]) -> RuntimeSpec.Seccomp {
        var seccomp = RuntimeSpec.Seccomp(defaultAction: "SCMP_ACT_ALLOW")
        seccomp.syscalls = [.init(names, action: refusal)]
        return seccomp
    }
}
