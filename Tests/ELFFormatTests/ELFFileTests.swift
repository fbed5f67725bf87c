import Reporting
import SocleTesting
import Testing

@testable import ELFFormat

/// Files made by hand, in every width and order.
@Suite struct ELFFileTests {
    /// Counts what is read.
    final class CountingBytes: RandomAccessBytes {
        let content: [UInt8]
        var read = 0
        init(_ content: [UInt8]) { self.content = content }
        var count: Int64 { Int64(content.count) }
        func bytes(at offset: Int64, count: Int) throws(ELFError) -> [UInt8] {
            let bytes = try MemoryBytes(content).bytes(at: offset, count: count)
            read += bytes.count
            return bytes
        }
    }

    static func sample(_ change: (inout SampleELF) -> Void = { _ in }) -> SampleELF {
        var sample = SampleELF()
        sample.interpreter = "/lib64/ld-linux-x86-64.so.2"
        sample.needed = ["libm.so.6", "libc.so.6"]
        sample.runpath = "$ORIGIN/../lib:/opt"
        sample.flags1 = 0x0800_0001
        sample.wanted = [("libm.so.6", ["GLIBC_2.29"]), ("libc.so.6", ["GLIBC_2.2.5", "GLIBC_2.38"])]
        change(&sample)
        return sample
    }

    @Test(arguments: [true, false], [true, false])
    func everyWidthAndOrder(is64Bit: Bool, isBigEndian: Bool) throws {
        let sample = Self.sample {
            $0.is64Bit = is64Bit
            $0.isBigEndian = isBigEndian
            $0.machine = 22
        }
        let file = try ELFFile(MemoryBytes(sample.bytes))
        #expect(file.target == ELFTarget(.s390, is64Bit: is64Bit, isBigEndian: isBigEndian))
        #expect(file.kind == .shared && file.isProgram)
        #expect(file.interpreter == "/lib64/ld-linux-x86-64.so.2")
        let dynamic = try #require(file.dynamic)
        #expect(dynamic.needed == ["libm.so.6", "libc.so.6"])
        #expect(dynamic.ownRuntimePath == "$ORIGIN/../lib:/opt" && dynamic.runtimePath == nil)
        #expect(dynamic.isPositionIndependentProgram && !dynamic.ignoresStandardDirectories)
        #expect(dynamic.versionNeeds.map(\.library) == ["libm.so.6", "libc.so.6"])
        #expect(dynamic.versionNeeds.last?.versions.map(\.name) == ["GLIBC_2.2.5", "GLIBC_2.38"])
        #expect(dynamic.versionDefinitions == nil)
    }

    @Test func librariesOfferVersions() throws {
        let sample = Self.sample {
            $0.interpreter = nil
            $0.soname = "libx.so.1"
            $0.rpath = "/a"
            $0.flags1 = 0x800
            $0.offered = ["X_1", "X_2"]
        }
        let file = try ELFFile(MemoryBytes(sample.bytes))
        #expect(!file.isProgram)
        #expect(file.dynamic?.soname == "libx.so.1")
        #expect(file.dynamic?.versionDefinitions == ["X_1", "X_2"])
        #expect(file.dynamic?.runtimePath == "/a" && file.dynamic?.ignoresStandardDirectories == true)
    }

    @Test func staticProgramsNeedNobody() throws {
        let sample = Self.sample {
            $0.type = 2
            $0.interpreter = nil
            $0.hasDynamicSection = false
        }
        let file = try ELFFile(MemoryBytes(sample.bytes))
        #expect(file.isProgram && file.interpreter == nil && file.dynamic == nil && file.kind == .executable)
    }

    @Test func targetsHaveGosNames() {
        let names: [(UInt16, Bool, Bool, String)] = [
            (3, false, false, "386"), (62, true, false, "amd64"), (62, false, false, "x32"),
            (183, true, false, "arm64"),
            (40, false, false, "arm"), (21, true, false, "ppc64le"), (21, true, true, "ppc64"),
            (22, true, true, "s390x"),
            (243, true, false, "riscv64"), (258, true, false, "loong64"), (8, false, false, "mipsle"),
            (999, true, false, "machine 999"),
        ]
        for (machine, is64Bit, isBigEndian, name) in names {
            let target = ELFTarget(ELFMachine(rawValue: machine), is64Bit: is64Bit, isBigEndian: isBigEndian)
            #expect(target.architecture == name)
        }
        #expect(ELFTarget(.x86_64, is64Bit: true).glibcLoaders == ["/lib64/ld-linux-x86-64.so.2"])
        #expect(ELFTarget(.aarch64, is64Bit: true).muslLoaders == ["/lib/ld-musl-aarch64.so.1"])
    }

    @Test func whatIsNoELFFileIsRefused() {
        for bytes in [[], [0x7f], Array("#!/bin/sh\n".utf8), Array(repeating: 0, count: 100)] {
            #expect(throws: ELFError(.notELF)) { try ELFFile(MemoryBytes(bytes)) }
        }
        let whole = Self.sample().bytes
        for cut in [5, 16, 63, 64, 100, whole.count - 17] {
            #expect(throws: ELFError.self) { try ELFFile(MemoryBytes(Array(whole.prefix(cut)))) }
        }
    }

    /// Numbers that lead outside are errors, and never read as what they aren't.
    @Test func hostileNumbersAreRefused() throws {
        let whole = Self.sample().bytes
        func changed(_ place: Int, _ bytes: [UInt8]) -> [UInt8] {
            var copy = whole
            copy.replaceSubrange(place..<place + bytes.count, with: bytes)
            return copy
        }
        // The place of the program headers, their size, their number.
        for hostile in [
            changed(32, Array(repeating: 0xff, count: 8)), changed(54, [0, 0]), changed(56, [0xff, 0xff]),
            // The interpreter's place and size; the dynamic section's place.
            changed(64 + 8, Array(repeating: 0xff, count: 8)), changed(64 + 32, Array(repeating: 0xff, count: 8)),
            changed(64 + 112 + 8, Array(repeating: 0x7f, count: 8)),
        ] {
            do throws(ELFError) {
                let file = try ELFFile(MemoryBytes(hostile))
                // An interpreter's size that is too large doesn't matter: its path ends before.
                #expect(file.interpreter == "/lib64/ld-linux-x86-64.so.2")
            } catch { #expect(!error.description.isEmpty && error.kind == .corrupt) }
        }
    }

    @Test func onlyHeadersAreRead() throws {
        let bytes = CountingBytes(Self.sample().bytes + [UInt8](repeating: 0, count: 8 << 20))
        _ = try ELFFile(bytes)
        #expect(bytes.read <= 32_768)
    }
}
