import ContainerRuntime
import OCISpec
import Reporting
import SocleTesting
import Testing

@testable import ContainerManagement

/// Limits and namespaces: what requests become, and what is refused or taken away.
@Suite struct LimitTests {
    private func specification(_ configure: (inout RunRequest) throws -> Void) throws -> RuntimeSpec {
        var host = SpecMergeTests.host
        host.processors = { "0-1" }
        host.memoryNodes = { "0" }
        host.kernelRelease = { "6.18.4" }
        let request = try SpecMergeTests.request(configure)
        var merge = try SpecMergeTests.merge(request)
        merge.limitedDevices = ["/dev/sda": DeviceNumber(major: 8, minor: 0)]
        return try merge.specification(host)
    }

    private func refusal(_ configure: (inout RunRequest) throws -> Void) throws -> String? {
        do {
            _ = try specification(configure)
            return nil
        } catch let error as PlainFailure {
            return error.description
        }
    }

    @Test func everyLimitArrives() throws {
        let resources = try specification { request in
            request.limits.cpuRealtimePeriod = 1_000_000
            request.limits.cpuRealtimeRuntime = 950
            request.limits.memorySwappiness = 30
            var block = BlockLimits()
            block.weight = 300
            block.weights = [.init(path: "/dev/sda", value: 200)]
            block.bytesRead = [.init(path: "/dev/sda", value: 1)]
            block.bytesWritten = [.init(path: "/dev/sda", value: 2)]
            block.reads = [.init(path: "/dev/sda", value: 3)]
            block.writes = [.init(path: "/dev/sda", value: 4)]
            request.limits.block = block
            request.deviceRules = [try #require(DeviceRuleRequest("c 42:* rw"))]
        }.linux?.resources
        #expect(resources?.cpu?.realtimePeriod == 1_000_000 && resources?.cpu?.realtimeRuntime == 950)
        #expect(resources?.memory?.swappiness == 30)
        let block = resources?.blockIO
        #expect(block?.weight == 300 && block?.weightDevice?.first?.weight == 200)
        #expect(block?.throttleReadBpsDevice == [.init(major: 8, minor: 0, rate: 1)])
        #expect(block?.throttleWriteBpsDevice == [.init(major: 8, minor: 0, rate: 2)])
        #expect(block?.throttleReadIOPSDevice == [.init(major: 8, minor: 0, rate: 3)])
        #expect(block?.throttleWriteIOPSDevice == [.init(major: 8, minor: 0, rate: 4)])
        #expect(resources?.devices?.last == .init(allow: true, type: "c", major: 42, minor: nil, access: "rw"))
    }

    @Test func whatDockerRefuses() throws {
        #expect(try refusal { $0.limits.memorySwappiness = 101 } == "invalid value: 101. Valid memory swappiness range is 0-100")
        #expect(try refusal { $0.limits.cpusetCPUs = "99" } == "Requested CPUs are not available - requested 99, available: 0-1")
        #expect(try refusal { $0.limits.cpusetCPUs = "x" } == "Invalid value x for cpuset cpus: invalid format: x")
        #expect(try refusal { $0.limits.cpusetCPUs = "0," } == "Invalid value 0, for cpuset cpus: invalid format: 0,")
        #expect(try refusal { $0.limits.cpusetCPUs = "0-99999999999" } != nil)
        #expect(
            try refusal { $0.limits.cpusetMems = "9" }
                == "Requested memory nodes are not available - requested 9, available: 0"
        )
        #expect(try refusal { $0.limits.kernelMemory = 1 } == "Minimum kernel memory limit allowed is 6MB")
        #expect(
            try refusal {
                $0.limits.cpuRealtimePeriod = 1
                $0.limits.cpuRealtimeRuntime = 2
            } == "cpu real-time runtime cannot be higher than cpu real-time period"
        )
        for rule in ["", "c", "x 1:1 rwm", "c 1 rwm", "c 1:1", "c 1:1 x", "c -1:1 r", "c 1:99999999999 r", "c 4294967295:1 r", "c 1:1 rwm "] {
            #expect(DeviceRuleRequest(rule) == nil, "\(rule)")
        }
    }

    @Test func limitsThatTheMachineLacks() throws {
        var limits = ResourceLimits()
        limits.memory = 1 << 30
        limits.memorySwappiness = 1
        limits.kernelMemory = 1 << 30
        limits.oomKillDisabled = true
        limits.pids = 10
        var block = BlockLimits()
        block.weight = 10
        limits.block = block
        // Version 2 without its io controller.
        let warnings = try limits.discardUnsupported(by: LimitSupport(controllers: ["memory", "pids"]))
        #expect(
            warnings == [
                "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness "
                    + "discarded.",
                "Your kernel does not support kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded.",
                "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
                "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.",
            ]
        )
        #expect(limits.memory == 1 << 30 && limits.pids == 10 && limits.block == nil && !limits.oomKillDisabled)
        var realtime = ResourceLimits()
        realtime.cpuRealtimeRuntime = 1
        #expect(throws: PlainFailure.self) {
            _ = try realtime.discardUnsupported(by: LimitSupport { _, file in file != "cpu.rt_period_us" })
        }
    }

    @Test func namespacesOfOthers() throws {
        func kinds(_ configure: (inout NamespaceRequest) -> Void) throws -> RuntimeSpec {
            try specification { request in
                var sharing = NamespaceRequest()
                configure(&sharing)
                request.namespaces = sharing
            }
        }
        let names = try kinds { $0.sharesNames = true }
        #expect(names.hostname == nil && names.linux?.namespaces?.contains { $0.type == .uts } == false)
        #expect(names.process?.env?.contains("HOSTNAME=vm") == true)
        #expect(try kinds { $0.processes = .host }.linux?.namespaces?.contains { $0.type == .pid } == false)
        let ipc = try kinds { $0.ipc = .host }
        #expect(ipc.linux?.namespaces?.contains { $0.type == .ipc } == false)
        #expect(ipc.mounts?.first { $0.destination == "/dev/shm" }?.type == "bind")
        #expect(try kinds { $0.ipc = .none }.mounts?.contains { $0.destination == "/dev/shm" } == false)
        #expect(try kinds { $0.controlGroups = .own }.linux?.namespaces?.contains { $0.type == .cgroup } == true)
        let error = try refusal { request in
            request.hostname = "x"
            request.namespaces = try NamespaceRequest(ipc: nil, pid: nil, uts: "host", userns: nil, cgroupns: nil)
        }
        #expect(error == "conflicting options: hostname and the UTS mode")
        for words in [["x", "", "", "", ""], ["", "container:", "", "", ""], ["", "", "x", "", ""], ["", "", "", "x", ""], ["", "", "", "", "x"]] {
            #expect(throws: PlainFailure.self, "\(words)") {
                try NamespaceRequest(ipc: words[0], pid: words[1], uts: words[2], userns: words[3], cgroupns: words[4])
            }
        }
        for mode in ["private", "shareable", "none", "host", "container:x"] {
            #expect(NamespaceRequest.IPCMode(rawValue: mode)?.rawValue == mode)
        }
    }

    @Test func usersOfItsOwn() throws {
        func own(_ configure: (inout RunRequest) throws -> Void = { _ in }) throws -> RuntimeSpec {
            try specification { request in
                var sharing = NamespaceRequest()
                sharing.users = .auto
                sharing.chooseUsers(for: SpecMergeTests.id, taken: [])
                request.namespaces = sharing
                try configure(&request)
            }
        }
        let spec = try own()
        let first = try #require(spec.linux?.uidMappings?.first)
        #expect(first.containerID == 0 && first.hostID >= 524_288 && first.size == 65_536 && spec.linux?.gidMappings == [first])
        #expect(spec.linux?.namespaces?.contains { $0.type == .user } == true)
        #expect(spec.mounts?.first { $0.destination == "/etc/hosts" }?.options?.contains("idmap") == true)
        #expect(spec.linux?.sysctl?["net.ipv4.ping_group_range"] == "0 65535")
        #expect(try own { $0.network = .bridge }.mounts?.first { $0.destination == "/sys" }?.type == "bind")
        #expect(throws: PlainFailure.self) { try own { $0.privileged = true } }
        #expect(throws: PlainFailure.self) { try own { $0.network = .host } }
        var other = NamespaceRequest()
        other.chooseUsers(for: SpecMergeTests.id, taken: [first.hostID])
        #expect(other.firstUser != first.hostID)
    }

    @Test func aParentGroup() throws {
        for (parent, path) in [("/a", "/a/"), ("a/b", "/a/b/"), ("../../x", "/x/"), ("/", "/")] {
            let spec = try specification { $0.controlGroupParent = parent }
            #expect(spec.linux?.cgroupsPath == path + SpecMergeTests.id)
        }
    }

    @Test func securityOptions() throws {
        let profile = """
            {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
              {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "includes": {"caps": ["CAP_CHOWN"], "minKernel": "4.8"}},
              {"name": "chroot", "action": "SCMP_ACT_ERRNO", "excludes": {"caps": ["CAP_SYS_CHROOT"]}}]}
            """
        let seccomp = try specification { $0.securityOptions = ["seccomp=" + profile] }.linux?.seccomp
        #expect(seccomp?.defaultAction == "SCMP_ACT_ALLOW" && seccomp?.syscalls?.map(\.names) == [["mkdir"]])
        // A privileged container keeps the profile that was asked for, and no other.
        #expect(try specification {
            $0.privileged = true
            $0.securityOptions = ["seccomp=" + profile]
        }.linux?.seccomp != nil)
        #expect(try refusal { $0.securityOptions = ["apparmor=x"] }?.contains("this kernel has no AppArmor") == true)
        #expect(try refusal { $0.securityOptions = ["label=type:x"] }?.contains("not supported") == true)
        #expect(try refusal { $0.securityOptions = ["seccomp=[]"] }?.hasPrefix("Decoding seccomp profile failed") == true)
    }

    @Test func appArmorProfiles() throws {
        var host = SpecMergeTests.host
        host.hasAppArmor = { true }
        host.standardAppArmorProfile = { "standard" }
        func profile(_ configure: (inout RunRequest) throws -> Void) throws -> String? {
            try SpecMergeTests.merge(try SpecMergeTests.request(configure)).specification(host).process?.apparmorProfile
        }
        #expect(try profile { _ in } == "standard")
        #expect(try profile { $0.privileged = true } == nil)
        #expect(try profile { $0.securityOptions = ["apparmor=unconfined"] } == nil)
        #expect(try profile { $0.securityOptions = ["apparmor=mine"]; $0.privileged = true } == "mine")
        #expect(try specification { _ in }.process?.apparmorProfile == nil)
    }
}
