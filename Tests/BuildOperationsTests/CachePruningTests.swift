import OCISpec
import Reporting
import Testing

@testable import BuildOperations

@Suite struct CachePruningTests {
    private func record(
        _ id: String,
        used: Int64,
        size: Int64 = 10,
        storage: String? = nil,
        _ change: (inout CacheRecord) -> Void = { _ in }
    ) -> CacheRecord {
        var record = CacheRecord(
            id: id,
            kind: .regular,
            description: "RUN \(id)",
            createdAt: 0,
            usedAt: used,
            size: size,
            storage: Digest.of(Array((storage ?? id).utf8))
        )
        change(&record)
        return record
    }

    private func selected(_ records: [CacheRecord], _ change: (inout CachePruning) -> Void = { _ in }) -> [String] {
        var pruning = CachePruning()
        change(&pruning)
        return pruning.selection(of: records, among: records).map(\.id)
    }

    @Test func theLongestUnusedGoFirstAndWhatIsUsedStays() {
        let records = [
            record("new", used: 9), record("old", used: 1), record("shared", used: 2) { $0.isShared = true },
            record("busy", used: 0) { $0.isInUse = true },
        ]
        #expect(selected(records) == ["old", "new"])
        #expect(selected(records) { $0.takesShared = true } == ["old", "shared", "new"])
        #expect(selected(records) { $0.unusedSince = 9 } == ["old"])
    }

    @Test func noMoreGoesThanThereIsTooMuch() {
        let records = (1...5).map { record("\($0)", used: Int64($0)) }
        #expect(selected(records) { $0.reservedSpace = 50 } == [])
        #expect(selected(records) { $0.reservedSpace = 49 } == ["1"])
        #expect(selected(records) { $0.reservedSpace = 25 } == ["1", "2", "3"])
        #expect(selected(records) { $0.reservedSpace = 0 } == ["1", "2", "3", "4", "5"])
        #expect(selected(records) { $0.maximumSpace = 30 } == ["1", "2"])
        #expect(selected(records) { ($0.maximumSpace, $0.reservedSpace) = (10, 40) } == ["1"])
    }

    @Test func whatSeveralHaveIsFreedByTheLast() {
        let records = [
            record("a", used: 1, storage: "s"), record("b", used: 2, storage: "s"), record("c", used: 3),
        ]
        // 20 bytes in two places: the first place goes only with both of its records.
        #expect(selected(records) { $0.reservedSpace = 10 } == ["a", "b"])
        #expect(CacheUsage(records).total == 20)
    }

    @Test func whatAnImageHasFreesNothing() {
        let records = [record("a", used: 1) { $0.isShared = true }, record("b", used: 2), record("c", used: 3)]
        #expect(selected(records) { ($0.takesShared, $0.reservedSpace) = (true, 10) } == ["b"])
        let usage = CacheUsage(records)
        #expect((usage.total, usage.shared, usage.owned, usage.reclaimable) == (30, 10, 20, 20))
    }

    @Test func filtersChoose() throws {
        let now = Timestamp(epochSeconds: 1000)
        var records = [record("a1", used: 0), record("a2", used: 999_000_000_000), record("b", used: 0)]
        records[2].kind = .cacheMount
        records[2].isInUse = true
        func ids(_ arguments: String...) throws -> [String] {
            try arguments.map { try CacheFilter(argument: $0) }.apply(records, now: now).map(\.id)
        }
        #expect(try ids() == ["a1", "a2", "b"])
        #expect(try ids("id=a1") == ["a1"])
        #expect(try ids("id=a1", "id=b") == ["a1", "b"])
        #expect(try ids("id!=a1") == ["a2", "b"])
        #expect(try ids("type=exec.cachemount") == ["b"])
        #expect(try ids("inuse") == ["b"])
        #expect(try ids("inuse=false", "unused-for=10m") == ["a1"])
        #expect(try ids("until=1s") == ["a1", "b"])
        #expect(try ids("mutable") == ["b"])
        #expect(try ids("type=regular", "private=true") == ["a1", "a2"])
        for wrong in ["nope=1", "until", "until=soon", "until!=1h", "type", "type~=x", "inuse=maybe"] {
            #expect(throws: PlainFailure.self) { try CacheFilter(argument: wrong) }
        }
    }
}
