import ByteStreams
import SocleTesting
import TarFormat
import Testing

/// Archives of other people's programs (`Tests/Golden/tar/generate.sh`), and what we read in them.
@Suite struct GoldenTarTests {
    @Test(arguments: Golden.cases("tar").filter { $0.hasSuffix(".tar") })
    func readsWhatOthersWrite(_ name: String) throws {
        let bytes = try #require(try Golden.bytes("tar/\(name)"))
        try Golden.expect(try Archives.listing(bytes), "tar/\(name.dropLast(4)).txt")
    }

    @Test func hasCases() { #expect(Golden.cases("tar").filter { $0.hasSuffix(".tar") }.count > 15) }

    /// What we write of an archive reads the same, and a second time is the same bytes.
    @Test(arguments: Golden.cases("tar").filter { $0.hasSuffix(".tar") })
    func writesItAgain(_ name: String) throws {
        let bytes = try #require(try Golden.bytes("tar/\(name)"))
        let reader = TarReader(MemorySource(bytes))
        var copies: [(TarEntry, [UInt8])] = []
        while let entry = try reader.next() {
            var body = [UInt8](repeating: 0, count: Int(entry.storedSize))
            var end = 0
            while end < body.count { end += try reader.readBody(into: &body, from: end) }
            copies.append((entry, body))
        }
        let written = try Archives.write(copies)
        #expect(try Archives.entries(written).map(\.entry) == copies.map { sortedAttributes($0.0) })
        #expect(try Archives.entries(written).map(\.body) == Archives.entries(bytes).map(\.body))
        #expect(try Archives.write(copies) == written)
    }

    private func sortedAttributes(_ entry: TarEntry) -> TarEntry {
        var entry = entry
        entry.xattrs.sort { $0.name.lexicographicallyPrecedes($1.name) }
        return entry
    }
}
