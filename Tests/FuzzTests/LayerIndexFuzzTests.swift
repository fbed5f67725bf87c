import ByteStreams
import LayerTransfer
import LinuxSystem
import TarFormat
import Testing

/// Kept indexes with a few bytes changed and the right sum: looking names up in them ends, and never with a crash.
@Suite struct LayerIndexFuzzTests {
    @Test func changedIndexes() throws {
        let seeds = try [Self.index(of: 1), Self.index(of: 30)].map(\.bytes)
        var mutator = SpecMutator(seed: 23)
        for _ in 0..<SpecMutator.iterations / 4 {
            var bytes = mutator.mutated(seeds.map { Array($0.dropLast(32)) })
            // The magic and the sum are looked at first: without them nothing else is.
            bytes.replaceSubrange(0..<min(8, bytes.count), with: seeds[0].prefix(8))
            bytes += SHA256Hasher.hash(bytes)
            guard let index = LayerIndex(bytes: bytes) else { continue }
            let entries = index.entries
            #expect(entries.count <= index.count)
            let tree = IndexedTree([index, index])
            for path: PathBytes in ["d0", "d0/../d3/f", "etc/passwd", "d7/link/x", "", "nothing"] {
                _ = try? tree.resolve(path, followLast: true)
                _ = try? tree.content(of: path)
                _ = try? tree.attributes(path)
            }
        }
    }

    private static func index(of count: Int) throws -> LayerIndex {
        let sink = MemorySink()
        var writer = TarWriter(to: sink)
        for number in 0..<count {
            var directory = TarEntry(TarPath("d\(number)"), kind: .directory, mode: 0o755)
            directory.xattrs = [TarEntry.XAttr(name: Array("user.n".utf8), value: [UInt8(number)])]
            try writer.append(directory)
            try writer.append(TarEntry(TarPath("d\(number)/f"), kind: .file, mode: 0o644))
            try writer.append(TarEntry(TarPath("d\(number)/link"), kind: .symbolicLink(TarPath("../d0")), mode: 0o777))
            try writer.append(TarEntry(TarPath("d\(number)/.wh.gone"), kind: .file, mode: 0o644))
        }
        try writer.append(TarEntry("etc/passwd", kind: .file, mode: 0o644, size: 4))
        try writer.write([1, 2, 3, 4].span)
        try writer.finish()
        return try LayerIndex.make(of: MemorySource(sink.bytes))
    }
}
