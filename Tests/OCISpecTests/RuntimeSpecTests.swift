import OCISpec
import SocleTesting
import Testing

@Suite struct RuntimeSpecTests {
    static let cases = Golden.cases("runtimespec/docker-20.10")

    /// What Docker writes comes through unchanged: no field is lost, none is added.
    @Test(arguments: cases) func dockersDocumentsSurvive(_ name: String) throws {
        let bytes = try #require(try Golden.bytes("runtimespec/docker-20.10/\(name)"))
        let spec = try JSON.decode(RuntimeSpec.self, from: bytes)
        #expect(try Self.sorted(JSONValue(parsing: JSON.encode(spec))) == Self.sorted(JSONValue(parsing: bytes)))
    }

    @Test func thereAreCases() { #expect(Self.cases.count >= 7) }

    @Test func whatIsNilIsAbsent() throws {
        #expect(try String(decoding: JSON.encode(RuntimeSpec()), as: UTF8.self) == #"{"ociVersion":"1.0.2"}"#)
    }

    @Test func everyPartHasTheSpecificationsName() throws {
        var spec = RuntimeSpec()
        spec.process = .init(args: ["a"], user: .init(umask: 0o22))
        spec.process?.consoleSize = .init(height: 24, width: 80)
        spec.hooks = .init()
        spec.hooks?.createRuntime = [.init(path: "/hook", timeout: 3)]
        var linux = RuntimeSpec.Linux()
        linux.uidMappings = [.init(containerID: 0, hostID: 1000, size: 1)]
        linux.timeOffsets = ["monotonic": .init(secs: 1, nanosecs: 2)]
        linux.resources = .init()
        linux.resources?.blockIO = .init()
        linux.resources?.blockIO?.throttleReadIOPSDevice = [.init(major: 8, minor: 0, rate: 1)]
        linux.resources?.unified = ["memory.high": "1"]
        spec.linux = linux
        let text = try String(decoding: JSON.encode(spec), as: UTF8.self)
        #expect(
            text == """
                {"hooks":{"createRuntime":[{"path":"/hook","timeout":3}]},"linux":{"resources":{"blockIO":\
                {"throttleReadIOPSDevice":[{"major":8,"minor":0,"rate":1}]},"unified":{"memory.high":"1"}},\
                "timeOffsets":{"monotonic":{"nanosecs":2,"secs":1}},\
                "uidMappings":[{"containerID":0,"hostID":1000,"size":1}]},"ociVersion":"1.0.2",\
                "process":{"args":["a"],"consoleSize":{"height":24,"width":80},"cwd":"/","env":[],\
                "user":{"gid":0,"uid":0,"umask":18}}}
                """
        )
    }

    @Test func wrongTypesAreRefused() {
        for text in [#"{"ociVersion":1}"#, #"{"ociVersion":"1","process":{"user":{"uid":-1,"gid":0},"cwd":"/"}}"#] {
            #expect(throws: JSONError.self) { try JSON.decode(RuntimeSpec.self, from: Array(text.utf8)) }
        }
    }

    private static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map(sorted))
        case .object(let object):
            .object(
                object.members.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = sorted($1.value) }
            )
        default: value
        }
    }
}
