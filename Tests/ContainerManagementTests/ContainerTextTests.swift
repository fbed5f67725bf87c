import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

@testable import ContainerManagement

/// Names, times and `docker inspect`.
@Suite struct ContainerTextTests {
    @Test(arguments: ["ab", "/ab", "a.b-c_d", "A1"]) func goodNames(_ name: String) throws {
        #expect(try ContainerName.checked(name) == name.drop { $0 == "/" })
    }

    @Test(arguments: ["a", "", "a b", "-ab", "//ab", "é", "a/b"]) func badNames(_ name: String) {
        let failure = #expect(throws: PlainFailure.self) { try ContainerName.checked(name) }
        #expect(
            failure?.description == "Invalid container name (\(name)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        )
    }

    @Test func generatedNamesAreValid() throws {
        for attempt in 1...50 { _ = try ContainerName.checked(ContainerName.generated(attempt: attempt)) }
        #expect(ContainerName.generated(attempt: 1).split(separator: "_").count == 2)
    }

    @Test func idsAreValid() {
        let ids = Set((0..<100).map { _ in RandomID.make() })
        #expect(ids.count == 100 && ids.allSatisfy(RandomID.isValid))
        #expect(!RandomID.isValid("../x") && !RandomID.isValid(String(repeating: "A", count: 64)))
    }

    private static let times: [(Int64, String)] = [
        (0, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (60, "About a minute"), (119, "About a minute"),
        (120, "2 minutes"), (3_599, "59 minutes"), (3_600, "About an hour"), (7_200, "2 hours"),
        (169_200, "47 hours"), (172_800, "2 days"), (1_209_600, "2 weeks"), (5_184_000, "2 months"),
        (63_072_000, "2 years"), (-5, "Less than a second"),
    ]

    @Test(arguments: times) func elapsed(_ seconds: Int64, _ text: String) {
        #expect(Elapsed.text(seconds * 1_000_000_000) == text)
    }

    @Test func signals() {
        #expect(SignalName.number("TERM") == 15 && SignalName.number("sigkill") == 9 && SignalName.number("15") == 15)
        #expect(SignalName.number("RTMIN+3") == 37 && SignalName.number("SIGRTMAX-1") == 63)
        for bad in ["", "FOO", "0", "65", "-1", "RTMIN+31", "SIGSIGTERM"] {
            #expect(SignalName.number(bad) == nil, "\(bad)")
        }
    }

    /// The same fields in the same order as Docker's, and the same values but for names, times and places.
    @Test func inspectionIsDockers() throws {
        var request = try SpecMergeTests.request {
            $0.environment = ["X=1"]
            $0.user = "1000:10"
            $0.workingDirectory = "/work"
            $0.hostname = "hh"
            $0.capabilitiesAdded = ["SYS_ADMIN"]
            $0.capabilitiesDropped = ["CHOWN"]
            $0.mounts = [
                try MountRequest(volume: "/srv/src:/src:ro"), try MountRequest(volume: "/srv/src:/a/b/c"),
                try MountRequest(volume: "vol:/vol"), try MountRequest(volume: "/anon"),
                try MountRequest(tmpfs: "/run:size=1m,exec"),
            ]
            $0.usesInit = true
            $0.ulimits = [UlimitRequest(name: "nofile", soft: 100, hard: 200)]
            $0.additionalGroups = ["5"]
            $0.labels = ["x": "y"]
        }
        request.limits.memory = 64 << 20
        request.limits.pids = 50
        request.limits.nanoCPUs = 500_000_000
        let merge = try SpecMergeTests.merge(request)
        let document = ContainerDocument(
            request: request,
            config: merge.config,
            mountPoints: merge.mountPoints,
            hostname: "hh",
            lowers: ["/l"]
        )
        let container = Container(
            id: SpecMergeTests.id,
            name: "containers-flags",
            image: Digest.of([]),
            imageName: "containers-bb",
            createdAt: 1,
            document: document,
            state: .running(pid: 1, startedAt: 2)
        )
        let none = PlainFailure(.notFound, "no network")
        let own = ContainerInspection(container: container, folder: "/c", lowers: ["/l"], network: { _ in throw none }).value
        let bytes = try #require(try Golden.bytes("runtimespec/inspect-docker-20.10.json"))
        let docker = try #require(try JSONValue(parsing: bytes).elements?.first)
        // Values that name this container, its image, its machine, its engine or its moment.
        let other: Set = [
            "Id", "Created", "Pid", "StartedAt", "Image", "ResolvConfPath", "HostnamePath", "HostsPath", "LogPath",
            "LowerDir", "MergedDir", "UpperDir", "WorkDir", "SandboxID", "SandboxKey", "NetworkID", "EndpointID",
            "Runtime", "AttachStdout", "AttachStderr", "Name", "Source", "Mounts", "IPAddress",
        ]
        Self.compare(own, docker, except: other, at: "")
        Self.compare(own["Mounts"], docker["Mounts"], except: ["Name", "Source"], at: "Mounts")
    }

    private static func compare(_ own: JSONValue?, _ docker: JSONValue?, except: Set<String>, at path: String) {
        switch (own, docker) {
        case (.object(let left), .object(let right)):
            #expect(left.members.map(\.key) == right.members.map(\.key), "\(path)")
            for member in right.members where !except.contains(member.key) {
                compare(left[member.key], member.value, except: except, at: "\(path).\(member.key)")
            }
        case (.array(let left), .array(let right)):
            #expect(left.count == right.count, "\(path)")
            for (index, pair) in zip(left, right).enumerated() {
                compare(pair.0, pair.1, except: except, at: "\(path)[\(index)]")
            }
        default: #expect(own == docker, "\(path)")
        }
    }
}
