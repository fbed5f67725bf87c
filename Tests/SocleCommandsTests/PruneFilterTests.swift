import ImageManagement
import LinuxSystem
import OCISpec
import SocleEngine
import Testing

@testable import SocleCommands

struct PruneFilterTests {
    private static let now = Timestamp(epochSeconds: 1_700_000_000)

    @Test(
        arguments: [
            ("24h", "2023-11-13T22:13:20Z"), ("1h30m", "2023-11-14T20:43:20Z"), ("0s", "2023-11-14T22:13:20Z"),
            ("1700000001", "2023-11-14T22:13:21Z"), ("1.5", "1970-01-01T00:00:01.5Z"),
            ("2006-01-02", "2006-01-02T00:00:00Z"),
            ("2006-01-02T15", "2006-01-02T15:00:00Z"), ("2006-01-02T15:04", "2006-01-02T15:04:00Z"),
            ("2006-01-02T15:04:05", "2006-01-02T15:04:05Z"), ("2006-01-02T15:04:05.25Z", "2006-01-02T15:04:05.25Z"),
            ("2006-01-02T15:04:05+01:00", "2006-01-02T14:04:05Z"),
        ]
    )
    func readsMoments(text: String, moment: String) throws {
        #expect(try Moment.parse(text, now: Self.now) == Timestamp(moment))
    }

    @Test(arguments: ["", "xx", "1.x", "2006-13-01", "2006-01-02T", "1h x", "1.1234567890"])
    func refusesOthers(text: String) {
        let error = #expect(throws: ArgumentError.self) { try Moment.parse(text, now: Self.now) }
        #expect(error?.description.hasPrefix("failed to parse value as time or duration: \"\(text)\"") == true)
    }

    @Test func filtersAreDockers() throws {
        let filters = try ["until=1h", "label=a", "label=b=c", "label!=d"].map { try Filter(argument: $0) }
        let filter = try PruneFilters.parse(filters, now: Self.now)
        #expect(filter.until == Timestamp(epochSeconds: 1_699_996_400))
        #expect(filter.labels.accepts(["a": "", "b": "c"]))
        #expect(!filter.labels.accepts(["a": "", "b": "d"]))
        #expect(!filter.labels.accepts(["a": "", "b": "c", "d": "e"]))
        for words in [["until=1h", "until=2h"], ["nonsense=1"], ["dangling=true"]] {
            let filters = try words.map { try Filter(argument: $0) }
            #expect(throws: ArgumentError.self) { try PruneFilters.parse(filters, now: Self.now) }
        }
    }

    @Test func modesLookLikeLs() {
        func mode(_ permissions: UInt32) -> String {
            DiffText.mode(.file, permissions)
        }
        #expect(mode(0o644) == "-rw-r--r--")
        #expect(mode(0o4755) == "-rwsr-xr-x")
        #expect(mode(0o1666) == "-rw-rw-rwT")
        #expect(mode(0o2710) == "-rwx--s---")
    }
}
