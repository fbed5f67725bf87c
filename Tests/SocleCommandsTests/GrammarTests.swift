import ContainerManagement
import OCISpec
import Reporting
import SystemPackage
import Testing

@testable import SocleCommands

struct GrammarTests {
    @Test(
        arguments: [
            ("512m", 536_870_912), ("512MB", 536_870_912), ("1g", 1_073_741_824), ("1.5k", 1536),
            ("2GiB", 2_147_483_648),
            ("100", 100), ("100b", 100), ("1 kb", 1024), ("3T", 3_298_534_883_328), ("0", 0),
        ] as [(String, Int64)]
    )
    func readsSizes(text: String, bytes: Int64) throws {
        #expect(try ByteSize(argument: text).bytes == bytes)
    }

    @Test(arguments: ["1x", "", "m", "-1", "1.2.3", ".5m", "1mm", "99999999999p", "1 m b", "0x10"])
    func refusesSizes(text: String) {
        let error = #expect(throws: ArgumentError.self) { try ByteSize(argument: text) }
        #expect(error?.description == "invalid size: '\(text)'")
    }

    @Test func readsSwap() throws {
        #expect(try SwapSize(argument: "-1").bytes == -1)
        #expect(try SwapSize(argument: "1k").bytes == 1024)
    }

    @Test(
        arguments: [("1.5", 1_500_000_000), ("2", 2_000_000_000), (".25", 250_000_000), ("0.000000001", 1), ("0", 0), ("1/2", 500_000_000),
            ("1e-2", 10_000_000), ("+1.5e0", 1_500_000_000), ("-1", -1_000_000_000), ("1e9", 1_000_000_000_000_000_000), ("1e10", .max),
            ("10000000000000/1", .max), ("1.000000000000", 1_000_000_000)]
            as [(String, Int64)]
    )
    func readsCPUs(text: String, billionths: Int64) throws {
        #expect(try CPUCount(argument: text).billionths == billionths)
    }

    @Test(arguments: ["", ".", "a", "-", "1.0000000001", "1.2.3", "1/3", "1/0", "1/-2", "/2", "1e", "1e+", "e1", "1e-10", "1 "])
    func refusesCPUs(text: String) {
        #expect(throws: ArgumentError.self) { try CPUCount(argument: text) }
    }

    @Test func readsVariables() throws {
        let variable = try VariableArgument(argument: "K=a=b")
        #expect(variable.name == "K" && variable.value == "a=b")
        #expect(try VariableArgument(argument: "K").resolved { $0 == "K" ? "v" : nil } == "K=v")
        #expect(try VariableArgument(argument: "K").resolved { _ in nil } == nil)
        #expect(try VariableArgument(argument: "K=").resolved { _ in nil } == "K=")
        let error = #expect(throws: ArgumentError.self) { try VariableArgument(argument: "=") }
        #expect(error?.description == "invalid environment variable: =")
    }

    @Test func readsEnvironmentFiles() throws {
        let text = "\u{feff}# comment\nA=1\r\n\n  B= two words \nC\n\t# x\nD=#not a comment\nE=\"quoted\""
        let file = try EnvironmentFile(Array(text.utf8), name: "f")
        #expect(file.variables.map(\.name) == ["A", "B", "C", "D", "E"])
        #expect(file.variables.map(\.value) == ["1", " two words ", nil, "#not a comment", "\"quoted\""])
    }

    @Test(arguments: [
        ("A B=1", "poorly formatted environment: variable 'A B' contains whitespaces"),
        ("=x", "poorly formatted environment: no variable name on line '=x'"),
    ])
    func refusesEnvironmentFiles(text: String, message: String) {
        let error = #expect(throws: ArgumentError.self) { try EnvironmentFile(Array(text.utf8), name: "f") }
        #expect(error?.description == message)
    }

    @Test func refusesEnvironmentFilesThatAreNoText() {
        let error = #expect(throws: ArgumentError.self) { try EnvironmentFile([65, 10, 0xff, 61], name: "f") }
        #expect(error?.description == "env file f contains invalid utf8 bytes at line 2")
    }

    @Test func readsLabels() throws {
        let labels = try ["a=1", "b", "a=2", "c=x=y"].map { try KeyValue(argument: $0) }
        #expect(labels.dictionary == ["a": "2", "b": "", "c": "x=y"])
        #expect(throws: ArgumentError.self) { try KeyValue(argument: "=x") }
    }

    @Test func readsFilters() throws {
        let filters = try [Filter(argument: "label = a=b "), Filter(argument: "Name=x")]
        #expect(filters[0].name == "label" && filters[0].value == "a=b")
        #expect(filters[1].name == "name")
        #expect(filters.acceptLabels(["a": "b"]))
        #expect(!filters.acceptLabels(["a": "c"]))
        #expect(filters.accept("name") { $0 == "x" } && filters.accept("other") { _ in false })
        let error = #expect(throws: ArgumentError.self) { try Filter(argument: "foo") }
        #expect(error?.description == "bad format of filter (expected name=value)")
        let unknown = #expect(throws: ArgumentError.self) { try filters.require(among: ["label"]) }
        #expect(unknown?.description == "invalid filter 'name'")
    }

    @Test(arguments: [
        ("busybox", "busybox", true), ("busy*", "busybox", true), ("b?sybox", "busybox", true), ("*", "a/b", false),
        ("*/b", "a/b", true), ("[a-c]x", "bx", true), ("[^a-c]x", "bx", false), ("\\*", "*", true),
        ("a*b*c", "axxbyyc", true),
        ("a*b*c", "axxbyy", false), ("", "", true), ("*:latest", "x:latest", true), ("[", "[", false),
    ])
    func matchesPatterns(pattern: String, text: String, expected: Bool) {
        #expect(WildcardPattern(pattern).matches(text) == expected)
    }

    @Test func patternsEndInReasonableTime() {
        let pattern = WildcardPattern(String(repeating: "*a", count: 40) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 5_000)))
    }

    @Test func readsUlimits() throws {
        let one = try UlimitArgument(argument: "nofile=1024").request
        #expect(one.name == "nofile" && one.soft == 1024 && one.hard == 1024)
        let two = try UlimitArgument(argument: "core=0:-1").request
        #expect(two.soft == 0 && two.hard == -1)
        #expect(try ["nofile=1", "core=0", "nofile=2"].map { try UlimitArgument(argument: $0) }.requests.map(\.soft) == [0, 2])
        for text in ["nofile", "bogus=1", "nofile=2:1", "nofile=1:2:3", "nofile=x"] {
            #expect(throws: ArgumentError.self) { try UlimitArgument(argument: text) }
        }
    }

    @Test func readsDevices() throws {
        #expect(
            try DeviceArgument(argument: "/dev/fuse").request
                == DeviceRequest(host: "/dev/fuse", container: "/dev/fuse")
        )
        #expect(
            try DeviceArgument(argument: "/dev/a:/dev/b:r").request
                == DeviceRequest(host: "/dev/a", container: "/dev/b", permissions: "r")
        )
        #expect(
            try DeviceArgument(argument: "/dev/a:rw").request
                == DeviceRequest(host: "/dev/a", container: "/dev/a", permissions: "rw")
        )
        for text in ["", "/dev/a:/dev/b:x", "a:b:c:d", "/dev/a:x"] {
            #expect(throws: ArgumentError.self) { try DeviceArgument(argument: text) }
        }
    }

    @Test func completesRelativeVolumes() {
        let folder = FilePath("/home/u")
        #expect(VolumeArgument.completed("./a:/b:ro", in: folder) == "/home/u/a:/b:ro")
        #expect(VolumeArgument.completed("../a:/b", in: folder) == "/home/a:/b")
        #expect(VolumeArgument.completed(".:/b", in: folder) == "/home/u:/b")
        #expect(VolumeArgument.completed("name:/b", in: folder) == "name:/b")
        #expect(VolumeArgument.completed("/a:/b", in: folder) == "/a:/b")
        #expect(VolumeArgument.completed("./a", in: folder) == "./a")
    }

    @Test func readsNetworksInBothForms() throws {
        #expect(try NetworkArgument(argument: "host").mode == .host)
        #expect(try NetworkArgument(argument: "container:a").mode == .container("a"))
        let long = try NetworkArgument(argument: "name=own,alias=a,alias=b,ip=10.0.0.9,mac-address=02:42:00:00:00:01")
        #expect(long.mode == .network("own"))
        #expect(
            long.endpoint
                == EndpointRequest(address: "10.0.0.9", hardwareAddress: "02:42:00:00:00:01", aliases: ["a", "b"])
        )
        for text in ["container:", "alias=a", "name=a,x=y", "name=a,b", "a b"] {
            #expect(throws: ArgumentError.self) { try NetworkArgument(argument: text) }
        }
    }

    @Test func refusesReservedTags() throws {
        #expect(try TagArgument(argument: "hello").reference.familiar == "hello:latest")
        let reserved = #expect(throws: ArgumentError.self) { try TagArgument(argument: "scratch") }
        #expect(reserved?.description == "'scratch' is a reserved name")
        let upper = #expect(throws: ArgumentError.self) { try TagArgument(argument: "Foo") }
        #expect(upper?.description == "invalid reference format: repository name (library/Foo) must be lowercase")
    }

    @Test func readsExtraHosts() throws {
        #expect(try HostArgument(argument: "a:10.0.0.1").text == "a:10.0.0.1")
        #expect(try HostArgument(argument: "a:::1").text == "a:::1")
        for text in ["a", ":1.2.3.4", "a:b.example"] {
            #expect(throws: ArgumentError.self) { try HostArgument(argument: text) }
        }
    }

    @Test func readsEpochs() throws {
        #expect(try Epoch(argument: "1700000000").seconds == 1_700_000_000)
        #expect(try Epoch.ifGiven("") == nil)
        #expect(throws: ArgumentError.self) { try Epoch(argument: "yesterday") }
    }
}
