import ContainerManagement
import OCISpec
import Reporting
import SocleTesting
import Testing

/// What is refused, in Docker's words, and what the merge of request and image config makes.
@Suite struct RequestTests {
    private static let refusals: [(String, @Sendable (inout RunRequest) throws -> Void)] = [
        ("the working directory 'foo' is invalid, it needs to be an absolute path", { $0.workingDirectory = "foo" }),
        ("invalid CapAdd: unknown capability: \"CAP_FOO\"", { $0.capabilitiesAdded = ["FOO"] }),
        ("invalid CapDrop: unknown capability: \"CAP_FOO\"", { $0.capabilitiesDropped = ["foo"] }),
        (
            "invalid CapAdd: capability not supported by your kernel or not available in the current environment: "
                + "\"CAP_SYS_RESOURCE\"", { $0.capabilitiesAdded = ["cap_sys_resource"] }
        ),
        ("invalid --security-opt 2: \"foo=bar\"", { $0.securityOptions = ["foo=bar"] }),
        ("Invalid --security-opt: \"foo\"", { $0.securityOptions = ["foo"] }),
        ("Minimum memory limit allowed is 6MB", { $0.limits.memory = 1 << 20 }),
        (
            "You should always set the Memory limit when using Memoryswap limit, see usage",
            { $0.limits.memorySwap = 1 << 30 }
        ),
        (
            "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
            { $0.limits.nanoCPUs = 100_000_000_000 }
        ),
        ("Invalid value 2000, range for oom score adj is [-1000, 1000]", { $0.oomScoreAdjustment = 2000 }),
        ("Invalid signal: FOO", { $0.stopSignal = "FOO" }),
        ("invalid ulimit type: foo", { $0.ulimits = [UlimitRequest(name: "foo", soft: 1, hard: 1)] }),
        (
            "No command specified",
            {
                $0.entrypoint = [""]; $0.command = []
            }
        ),
        (
            "Duplicate mount point: /b",
            { $0.mounts = [try MountRequest(volume: "/tmp:/b"), try MountRequest(tmpfs: "/b/")] }
        ),
        ("invalid tmpfs option [\"foo\" \"1\"]", { $0.mounts = [try MountRequest(tmpfs: "/x:foo=1")] }),
    ]

    @Test(arguments: refusals.indices) func isRefused(_ index: Int) throws {
        let (message, configure) = Self.refusals[index]
        let failure = #expect(throws: PlainFailure.self) {
            var request = try SpecMergeTests.request()
            try configure(&request)
            _ = try SpecMergeTests.merge(request).specification(SpecMergeTests.host)
        }
        #expect(failure?.description == message)
    }

    @Test func theEntrypointMakesTheImagesCommandVoid() throws {
        var image = ContainerConfig()
        image.entrypoint = ["/entry"]
        image.cmd = ["a", "b"]
        func arguments(_ entrypoint: [String]?, _ command: [String]) throws -> [String] {
            var request = RunRequest(image: "x", command: command)
            request.entrypoint = entrypoint
            return try ContainerConfig(request, over: image).arguments
        }
        #expect(try arguments(nil, []) == ["/entry", "a", "b"])
        #expect(try arguments(nil, ["c"]) == ["/entry", "c"])
        #expect(try arguments(["sh"], []) == ["sh"])
        #expect(try arguments(["sh"], ["-c", "x"]) == ["sh", "-c", "x"])
        #expect(try arguments([""], ["c"]) == ["c"])
        #expect(throws: PlainFailure.self) { try arguments([""], []) }
    }

    @Test func variablesAreReplacedInTheirPlace() throws {
        var image = ContainerConfig()
        image.env = ["PATH=/image", "A=1", "B=2"]
        var request = RunRequest(image: "x", command: ["y"])
        request.environment = ["B=3", "C=4", "TERM=dumb", "E="]
        request.terminal = true
        let merge = try SpecMergeTests.merge(request, image: image)
        #expect(merge.config.env == ["B=3", "C=4", "TERM=dumb", "E=", "PATH=/image", "A=1"])
        #expect(
            try merge.specification(SpecMergeTests.host).process?.env
                == ["PATH=/image", "HOSTNAME=5e1c2a806386", "TERM=dumb", "B=3", "C=4", "E=", "A=1"]
        )
    }

    @Test func labelsOfTheUserWin() throws {
        var image = ContainerConfig()
        image.labels = ["a": "image", "b": "image"]
        var request = RunRequest(image: "x", command: ["y"])
        request.labels = ["b": "user"]
        #expect(try ContainerConfig(request, over: image).labels == ["a": "image", "b": "user"])
    }

    @Test func privilegedLiftsEverything() throws {
        let spec = try SpecMergeTests.merge(SpecMergeTests.request { $0.privileged = true })
            .specification(SpecMergeTests.host)
        #expect(spec.process?.capabilities?.bounding == SpecMergeTests.host.capabilities())
        #expect(spec.linux?.maskedPaths == nil && spec.linux?.readonlyPaths == nil && spec.linux?.seccomp == nil)
        #expect(spec.linux?.resources?.devices == [.init(allow: true, access: "rwm")])
        #expect(
            spec.mounts?.filter { ["/sys", "/sys/fs/cgroup"].contains($0.destination) }
                .allSatisfy { $0.options?.contains("ro") == false } == true
        )
    }

    @Test func whatTheUserMountsReplacesDefaults() throws {
        let request = try SpecMergeTests.request {
            $0.mounts = [
                try MountRequest(volume: "/x:/dev"), try MountRequest(volume: "/y:/etc/hosts:ro"),
                try MountRequest(volume: "/z:/proc"),
            ]
        }
        let mounts = try SpecMergeTests.merge(request).specification(SpecMergeTests.host).mounts ?? []
        #expect(
            mounts.map(\.destination) == [
                "/sys", "/sys/fs/cgroup", "/dev", "/proc", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname",
            ]
        )
        #expect(mounts.first { $0.destination == "/etc/hosts" }?.source == "/y")
    }

    /// What images say that users couldn't.
    @Test func whatImagesMaySay() throws {
        var image = ContainerConfig()
        image.entrypoint = [""]
        image.cmd = ["sleep"]
        image.stopSignal = "SIGBOGUS"
        image.volumes = ["rel", "/a"]
        var request = RunRequest(image: "x")
        let config = try ContainerConfig(request, over: image)
        #expect(config.arguments == ["sleep"] && config.stopSignal == "SIGBOGUS" && config.volumes == ["/rel", "/a"])
        request.command = ["true"]
        #expect(try ContainerConfig(request, over: image).arguments == ["true"])
        image.env = ["a=b", "=x"]
        let error = #expect(throws: PlainFailure.self) { try ContainerConfig(request, over: image) }
        #expect(error?.description == "environment variable name can't be empty: \"=x\"")
    }
}
