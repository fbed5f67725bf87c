import ELFFormat
import SocleTesting
import Testing

/// Programs, caches and scripts with damages: reading them ends, with a value or an error, and never with a crash.
@Suite struct ELFFuzzTests {
    private static let seeds: [[UInt8]] = [true, false].flatMap { is64Bit in
        [true, false].map { isBigEndian in
            var sample = SampleELF()
            sample.is64Bit = is64Bit
            sample.isBigEndian = isBigEndian
            sample.interpreter = "/lib/ld.so"
            sample.needed = ["liba.so.1", "libb.so.2"]
            sample.soname = "libc.so"
            sample.rpath = "/x:$ORIGIN"
            sample.wanted = [("liba.so.1", ["A_1", "A_2"]), ("libb.so.2", ["B_1"])]
            sample.offered = ["C_1", "C_2"]
            return sample.bytes
        }
    }

    @Test func damagedPrograms() {
        var mutator = SpecMutator(seed: 0x45_4c46)
        for _ in 0..<SpecMutator.iterations {
            let bytes = MemoryBytes(mutator.mutated(Self.seeds))
            do throws(ELFError) {
                let file = try ELFFile(bytes)
                #expect(file.segments.count <= 1170 && (file.interpreter?.utf8.count ?? 0) <= 3 * 4096)
                let symbols = try SymbolTable(of: file, bytes)
                #expect(symbols.wanted.allSatisfy { !$0.isEmpty })
                _ = try GoBuild(of: file, bytes)
            } catch { #expect(!error.description.isEmpty) }
        }
    }

    /// Words of the header and of the tables get numbers that mean much.
    @Test func hostileNumbers() {
        var mutator = SpecMutator(seed: 0x6e75_6d)
        let numbers: [[UInt8]] = [
            [0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80], [0, 0, 0, 0], [1, 0, 0, 0],
            [0, 0, 1, 0],
        ]
        for _ in 0..<SpecMutator.iterations {
            var bytes = Self.seeds[mutator.below(Self.seeds.count)]
            for _ in 0...mutator.below(4) {
                let place = mutator.below(bytes.count - 4) / 4 * 4
                bytes.replaceSubrange(place..<place + 4, with: numbers[mutator.below(numbers.count)])
            }
            do throws(ELFError) { _ = try ELFFile(MemoryBytes(bytes)) } catch { #expect(!error.description.isEmpty) }
        }
    }

    @Test func damagedCachesAndScripts() {
        let cache =
            Array("glibc-ld.so.cache1.1".utf8) + [1, 0, 0, 0, 20, 0, 0, 0, 2] + [UInt8](repeating: 0, count: 19)
            + [3, 3, 0, 0, 72, 0, 0, 0, 80, 0, 0, 0] + [UInt8](repeating: 0, count: 12)
            + Array("liba.so\0/lib/liba.so\0".utf8)
        let scripts = ["#!/usr/bin/env -S a=b sh -x\n", "#! /bin/sh\r\n"].map { Array($0.utf8) }
        var mutator = SpecMutator(seed: 0x6361)
        for _ in 0..<SpecMutator.iterations {
            do throws(ELFError) { _ = try LoaderCache(mutator.mutated([cache])) } catch {
                #expect(!error.description.isEmpty)
            }
            if let line = ScriptLine(mutator.mutated(scripts)) { #expect(line.searchedProgram?.isEmpty != true) }
        }
    }
}
