import OCISpec
import Reporting
import SystemPackage
import Testing

@testable import ContainerRuntime

/// Seccomp profiles as files: conditions, and what is no profile.
@Suite struct SeccompDocumentTests {
    private func filter(
        _ text: String,
        _ capabilities: [String] = [],
        kernel: String = "6.1.0-18-amd64"
    ) throws -> RuntimeSpec.Seccomp {
        let document = try SeccompDocument(text)
        return try #require(try document.specification(capabilities: capabilities, machine: .x86_64, kernel: kernel))
    }

    private func names(_ conditions: String, _ capabilities: [String] = [], kernel: String = "6.1.0") throws -> Int? {
        let rule = "{\"names\": [\"a\"], \"action\": \"SCMP_ACT_ALLOW\", \(conditions)}"
        return try filter("{\"defaultAction\": \"x\", \"syscalls\": [\(rule)]}", capabilities, kernel: kernel).syscalls?.count
    }

    @Test func conditions() throws {
        #expect(try names("\"includes\": {}, \"excludes\": {}") == 1)
        #expect(try names("\"includes\": {\"caps\": [\"A\", \"B\"]}", ["A"]) == 0)
        #expect(try names("\"includes\": {\"caps\": [\"A\", \"B\"]}", ["A", "B"]) == 1)
        #expect(try names("\"excludes\": {\"caps\": [\"A\", \"B\"]}", ["A"]) == 0)
        #expect(try names("\"includes\": {\"arches\": [\"arm64\"]}") == 0)
        #expect(try names("\"includes\": {\"arches\": [\"amd64\", \"x32\"]}") == 1)
        #expect(try names("\"includes\": {\"minKernel\": \"6.2\"}") == 0)
        #expect(try names("\"includes\": {\"minKernel\": \"4.8\"}") == 1)
        #expect(try names("\"includes\": {\"minKernel\": \"4.8\"}", kernel: "unknown") == 0)
    }

    @Test func architecturesAndArguments() throws {
        let found = try filter(
            """
            {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
             "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_MIPS"]}],
             "syscalls": [{"name": "socket", "action": "SCMP_ACT_ALLOW",
               "args": [{"index": 0, "value": 38, "valueTwo": 1, "op": "SCMP_CMP_NE"}]}]}
            """
        )
        #expect(found.architectures == ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"] && found.defaultErrnoRet == 38)
        #expect(found.syscalls == [.init(["socket"], action: "SCMP_ACT_ALLOW", args: [.init(0, "SCMP_CMP_NE", 38, valueTwo: 1)])])
    }

    @Test(arguments: ["{}", "null", "{\"defaultAction\": \"\"}", "{\"syscalls\": []}", "{\"x\": 1}"])
    func aProfileThatSaysNothing(_ text: String) throws {
        #expect(try SeccompDocument(text).specification(capabilities: [], kernel: "6.1.0") == nil)
    }

    @Test(arguments: [
        "", "{", "[]", "{\"defaultAction\": 1}", "{\"syscalls\": [{\"name\": \"a\", \"action\": \"c\"}]}",
        "{\"defaultAction\": \"x\", \"syscalls\": {}}", "{\"defaultAction\": \"x\", \"syscalls\": [{}]}",
        "{\"defaultAction\": \"x\", \"syscalls\": [{\"name\": \"a\", \"names\": [\"b\"], \"action\": \"c\"}]}",
        "{\"defaultAction\": \"x\", \"syscalls\": [{\"name\": \"a\", \"action\": \"c\", \"args\": [{\"index\": -1, \"op\": \"x\"}]}]}",
        "{\"defaultAction\": \"x\", \"syscalls\": [{\"name\": \"a\", \"action\": \"c\", \"args\": [{\"index\": 1, \"op\": \"x\", \"value\": 1e99}]}]}",
        "{\"defaultAction\": \"x\", \"architectures\": [\"a\"], \"archMap\": [{\"architecture\": \"b\"}]}",
        "{\"defaultAction\": \"x\", \"syscalls\": [{\"names\": [\"a\\u0000b\"], \"action\": \"c\"}]}",
    ])
    func whatIsNoProfile(_ text: String) { #expect(throws: (any Error).self) { try filter(text) } }

    @Test func limitsOfVersion2() {
        var resources = RuntimeSpec.Resources()
        var block = RuntimeSpec.BlockIO()
        block.weight = 1_000
        block.weightDevice = [.init(major: 8, minor: 0, weight: 20)]
        block.throttleReadBpsDevice = [.init(major: 8, minor: 0, rate: 1_024)]
        block.throttleWriteIOPSDevice = [.init(major: 8, minor: 16, rate: 5)]
        resources.blockIO = block
        let settings = ControlGroup.unifiedSettings(resources)
        #expect(
            settings.map { "\($0.file) \($0.value)" } == [
                "io.bfq.weight 1000", "io.bfq.weight 8:0 20", "io.max 8:0 rbps=1024", "io.max 8:16 wiops=5",
            ]
        )
        #expect(settings[0].otherFile == "io.weight" && settings[0].otherValue == "default 10000")
    }

    @Test func whatMachinesSupport() {
        let version1 = LimitSupport { _, file in file != "memory.memsw.limit_in_bytes" && !file.contains("weight") }
        #expect(version1.memory && !version1.swap && !version1.blockWeight && version1.cpuRealtime)
        let version2 = LimitSupport(controllers: ["cpu", "io"])
        #expect(version2.cpuShares && version2.blockThrottling && !version2.memory && !version2.cpuRealtime)
    }

    @Test func placesInOthersFileSystems() {
        #expect(ForeignPath("/proc/12/root/dev/shm")?.path == "dev/shm")
        for path in ["/proc/12/root", "/proc/self/root/x", "/proc/0/root/x", "/proc/12/cwd/x", "/etc/proc/12/root/x"] {
            #expect(ForeignPath(.init(path)) == nil)
        }
    }
}
