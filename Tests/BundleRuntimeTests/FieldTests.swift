import BundleRuntime
import ContainerRuntime
import LinuxSystem
import OCISpec
import SystemPackage
import Testing

/// Every member of the runtime specification's `process` and `linux`: it is in the plan, or refused by its name.
@Suite struct FieldTests {
    private enum Outcome {
        /// The plan says this.
        case planned(String)
        /// The error says this.
        case refused(String)
        /// It is for engines, or already so: nothing has to be done.
        case fine
    }

    /// Members below `process`, as jq would name them, and what becomes of a value.
    private static let process: [(String, String, Outcome)] = [
        ("terminal", "true", .refused("a tmpfs at /dev")), ("consoleSize", #"{"height":1,"width":1}"#, .fine),
        ("user", #"{"uid":7,"gid":8,"umask":63,"additionalGids":[9]}"#, .planned("become 7:8 groups 9")),
        ("user", #"{"uid":7,"gid":8,"umask":63}"#, .planned("umask 077")),
        ("user", #"{"uid":0,"gid":0,"username":"x"}"#, .refused("process.user.username")),
        ("args", #"["x"]"#, .planned("arguments [\"x\"]")), ("commandLine", #""x""#, .refused("process.commandLine")),
        ("env", #"["A=b"]"#, .planned("A=b")), ("cwd", #""/w""#, .planned("change to <root> /w")),
        ("capabilities", #"{"bounding":["CAP_KILL"]}"#, .planned("bounding set 0000000000000020")),
        ("rlimits", #"[{"type":"RLIMIT_CORE","soft":1,"hard":2}]"#, .planned("limit RLIMIT_CORE 1:2")),
        ("noNewPrivileges", "true", .planned("no new privileges")), ("apparmorProfile", #""x""#, .refused("apparmor")),
        ("oomScoreAdj", "5", .planned("self/oom_score_adj \"5\"")), ("selinuxLabel", #""x""#, .refused("SELinux")),
        ("ioPriority", #"{"class":"IOPRIO_CLASS_BE","priority":3}"#, .planned("input and output priority 16387")),
        ("ioPriority", #"{"class":"IOPRIO_CLASS_NONE"}"#, .refused("ioPriority")),
        ("scheduler", #"{"policy":"SCHED_BATCH","nice":3}"#, .planned("scheduler policy 3 nice 3")),
        ("scheduler", #"{"policy":"SCHED_EXT"}"#, .refused("scheduler policy")),
        ("execCPUAffinity", #"{"initial":"0"}"#, .refused("process.execCPUAffinity")),
    ]

    /// Members of the document itself.
    private static let document: [(String, String, Outcome)] = [
        ("hostname", #""h""#, .planned("host name h")), ("domainname", #""d""#, .planned("domain name d")),
        ("annotations", #"{"a":"b"}"#, .fine),
        ("root", #"{"path":"x","readonly":true}"#, .planned("change <root> set ro")),
        ("mounts", #"[{"destination":"/m","type":"tmpfs","options":["tmpcopyup","size=1k"]}]"#, .planned("copy up")),
        (
            "mounts", #"[{"destination":"/m","type":"tmpfs","uidMappings":[{"containerID":0,"hostID":1,"size":1}]}]"#,
            .refused("mapped ids of \"/m\"")
        ),
        ("hooks", #"{"poststop":[{"path":"/x"}]}"#, .fine), ("vm", #"{"kernel":{"path":"x"}}"#, .refused("vm")),
        ("zos", #"{"x":1}"#, .refused("zos")),
        ("windows", #"{"x":1}"#, .refused("windows")), ("solaris", #"{"x":1}"#, .refused("solaris")),
        ("freebsd", #"{"x":1}"#, .refused("freebsd")),
        ("member-of-the-future", "1", .fine),
    ]

    private static let maps = #"[{"containerID":0,"hostID":1,"size":1}]"#

    /// Members below `linux`.
    private static let linux: [(String, String, Outcome)] = [
        ("devices", #"[{"path":"/dev/x","type":"c","major":1,"minor":3}]"#, .fine),
        ("devices", #"[{"path":"/x","type":"c"}]"#, .fine),
        ("uidMappings", maps, .refused("user namespace isn't enabled")),
        ("gidMappings", maps, .refused("user namespace isn't enabled")),
        ("sysctl", #"{"net.ipv4.ip_forward":"1"}"#, .planned("sys/net/ipv4/ip_forward")),
        ("sysctl", #"{"vm.swappiness":"1"}"#, .refused("vm.swappiness")),
        ("cgroupsPath", #""/x""#, .fine),
        ("namespaces", #"[{"type":"mount","path":"/x"}]"#, .refused("joining a mount namespace")),
        ("namespaces", #"[{"type":"future"}]"#, .refused("future")),
        ("namespaces", #"[{"type":"pid"}]"#, .refused("mount namespace of its own")),
        ("netDevices", #"{"eth0":{}}"#, .refused("linux.netDevices")),
        ("memoryPolicy", #"{"mode":"x"}"#, .refused("linux.memoryPolicy")),
        ("intelRdt", #"{"closID":"x"}"#, .refused("linux.intelRdt")), ("mountLabel", #""x""#, .refused("SELinux")),
        ("rootfsPropagation", #""shared""#, .planned("change <root> set - clear - shared")),
        ("rootfsPropagation", #""x""#, .refused("root propagation")),
        ("maskedPaths", #"["/m"]"#, .planned("mask <root> /m")),
        ("readonlyPaths", #"["/r"]"#, .planned("read-only <root> /r")),
        ("personality", #"{"domain":"LINUX32"}"#, .planned("personality 8")),
        ("personality", #"{"domain":"LINUX","flags":["x"]}"#, .refused("flags of a personality")),
        ("personality", #"{"domain":"x"}"#, .refused("personality domain")),
        ("timeOffsets", #"{"monotonic":{"secs":1}}"#, .refused("time namespace isn't enabled")),
        ("seccomp", #"{"defaultAction":"SCMP_ACT_NOTIFY"}"#, .refused("default action")),
        ("seccomp", #"{"defaultAction":"SCMP_ACT_ALLOW","listenerMetadata":"x"}"#, .refused("listenerMetadata")),
    ]

    /// Members below `linux.resources`, and the version of control groups that has them: 0 for both, -1 for neither.
    private static let resources: [(String, String, Int)] = [
        ("devices", #"[{"allow":false}]"#, 0), ("pids", #"{"limit":5}"#, 0), ("unified", #"{"memory.high":"1"}"#, 2),
        ("rdma", #"{"x":{"hcaHandles":1}}"#, -1),
        ("hugepageLimits", #"[{"pageSize":"2MB","limit":1}]"#, -1), ("network", #"{"classID":1}"#, -1),
        ("network", #"{"priorities":[{"name":"x","priority":1}]}"#, -1),
        ("network", #"{"classID":0,"priorities":[]}"#, 0), ("memory", #"{"limit":1,"reservation":1,"swap":1}"#, 0),
        ("memory", #"{"kernel":1}"#, -1),
        ("memory", #"{"kernelTCP":1}"#, -1), ("memory", #"{"kernel":-1,"disableOOMKiller":false}"#, 0),
        ("memory", #"{"swappiness":1}"#, 1),
        ("memory", #"{"disableOOMKiller":true}"#, 1), ("memory", #"{"useHierarchy":true,"checkBeforeUpdate":true}"#, 0),
        ("cpu", #"{"shares":1,"quota":1,"burst":1,"period":1,"cpus":"0","mems":"0","idle":1}"#, 0),
        ("cpu", #"{"realtimeRuntime":1}"#, 1),
        ("cpu", #"{"realtimePeriod":1}"#, 1),
        ("blockIO", #"{"weight":1,"weightDevice":[{"major":1,"minor":1,"weight":1}]}"#, 0),
        ("blockIO", #"{"leafWeight":1}"#, -1),
        ("blockIO", #"{"weightDevice":[{"major":1,"minor":1,"leafWeight":1}]}"#, -1),
        ("blockIO", #"{"throttleReadBpsDevice":[{"major":1,"minor":1,"rate":1}]}"#, 0),
    ]

    private static func document(_ member: String, _ value: String, below place: String) -> String {
        var parts = [
            "": [#""ociVersion":"1.0.2""#, #""root":{"path":"x"}"#],
            "process": [#""user":{"uid":0,"gid":0}"#, #""cwd":"/""#, #""args":["a"]"#],
            "linux": [#""namespaces":[{"type":"mount"},{"type":"uts"},{"type":"network"}]"#],
        ]
        parts[place]?.removeAll { $0.hasPrefix("\"\(member)\":") }
        parts[place]?.append("\"\(member)\":\(value)")
        let inner = ["process", "linux"].map { "\"\($0)\":{\((parts[$0] ?? []).joined(separator: ","))}" }
        return "{\(((parts[""] ?? []) + inner).joined(separator: ","))}"
    }

    /// The plan's text, or the error's.
    private static func outcome(_ text: String, version: Int) -> (plan: String?, error: String?) {
        do throws(RuntimeError) {
            let spec = try Bundle.specification(Array(text.utf8))
            var request = LaunchRequest(
                id: "c",
                spec: spec,
                root: .directory("/root"),
                io: spec.process?.terminal == true
                    ? .terminal(rows: 1, columns: 1) : .descriptors(input: 0, output: 1, error: 2),
                cacheDirectory: "/cache"
            )
            request.bundle = BundleTerms(groups: try GroupPlace(cgroupsPath: nil, id: "c"))
            let facts = LaunchFacts(
                hierarchies: [.init(version: version, name: "x", controllers: ["cpu"], parent: "/g/x")],
                seccompProgram: spec.linux?.seccomp == nil ? nil : []
            )
            return (try LaunchPlan(request, facts: facts).description, nil)
        } catch {
            return (nil, error.description)
        }
    }

    @Test func everyMember() {
        for (place, members) in [("", Self.document), ("process", Self.process), ("linux", Self.linux)] {
            for (member, value, expected) in members {
                let found = Self.outcome(Self.document(member, value, below: place), version: 1)
                let said = "\(place) \(member) \(value): \(found.error ?? found.plan ?? "")"
                switch expected {
                case .planned(let text): #expect(found.plan?.contains(text) == true, "\(said)")
                case .refused(let text): #expect(found.error?.contains(text) == true, "\(said)")
                case .fine: #expect(found.plan != nil, "\(said)")
                }
            }
        }
    }

    @Test func everyLimit() {
        for (member, value, version) in Self.resources {
            for other in [1, 2] {
                let text = Self.document("resources", "{\"\(member)\":\(value)}", below: "linux")
                let found = Self.outcome(text, version: other)
                let isRefused = version != 0 && version != other
                #expect(
                    (found.error != nil) == isRefused,
                    "\(member) \(value) with version \(other): \(found.error ?? "no error")"
                )
                if isRefused {
                    #expect(found.error?.contains("linux.resources.\(member)") == true, "\(found.error ?? "")")
                }
            }
        }
    }

    /// What comes in files of its own is looked at as well.
    @Test func documentsOfTheirOwn() {
        #expect(throws: RuntimeError.self) {
            try Bundle.process(
                Array(#"{"user":{"uid":0,"gid":0},"cwd":"/","args":["a"],"execCPUAffinity":{"initial":"0"}}"#.utf8)
            )
        }
        #expect(throws: RuntimeError.self) { try Bundle.resources(Array(#"{"rdma":{"x":{"hcaHandles":1}}}"#.utf8)) }
        #expect(throws: Never.self) { try Bundle.resources(Array(#"{"pids":{"limit":1},"rdma":{}}"#.utf8)) }
    }
}
