import Reporting
import SocleTesting
import Testing

@testable import ELFFormat

/// `#!` lines, `ld.so.cache` and Go's build record.
@Suite struct SmallFormatTests {
    static func line(_ text: String) -> ScriptLine? { ScriptLine(Array(text.utf8)) }

    @Test func scriptLines() throws {
        #expect(Self.line("int main") == nil && Self.line("#") == nil && Self.line("") == nil)
        let plain = try #require(Self.line("#!/bin/sh\necho"))
        #expect(plain.interpreter == "/bin/sh" && plain.argument == nil && !plain.hasCarriageReturn)
        let argument = try #require(Self.line("#! \t/usr/bin/awk  -f  x \t\n"))
        #expect(argument.interpreter == "/usr/bin/awk" && argument.argument == "-f  x")
        let windows = try #require(Self.line("#!/bin/sh\r\necho"))
        #expect(windows.hasCarriageReturn && windows.interpreter == "/bin/sh\r")
        #expect(try #require(Self.line("#!\n")).isRefused && #require(Self.line("#!   ")).isRefused)
        #expect(try !#require(Self.line("#!/bin/sh")).isRefused, "a file may end with its first line")
        // The kernel reads 256 bytes: a path that is cut is no path, an argument that is cut is one.
        #expect(try #require(Self.line("#!/" + String(repeating: "x", count: 300))).isRefused)
        #expect(try !#require(Self.line("#!/bin/sh " + String(repeating: "x", count: 300))).isRefused)
    }

    @Test(arguments: [
        ("#!/usr/bin/env python3\n", "python3"), ("#!/usr/bin/env -S python3 -u\n", "python3"),
        ("#!/usr/bin/env -S A=b node --x\n", "node"), ("#!/usr/bin/env python3 -u\n", "python3 -u"),
        ("#!/bin/sh x\n", nil), ("#!/usr/bin/env\n", nil), ("#!/usr/bin/env sh\r\n", "sh"),
    ])
    func programsThatEnvLooksUp(text: String, name: String?) throws {
        #expect(try #require(Self.line(text)).searchedProgram == name)
    }

    // MARK: - The cache

    static func cache(_ rows: [(flags: UInt32, name: String, path: String)], behindOld: Bool = false) -> [UInt8] {
        func number(_ value: Int, _ width: Int = 4) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        var strings: [UInt8] = []
        var entries: [UInt8] = []
        let start = 48 + rows.count * 24
        for row in rows {
            let name = start + strings.count
            strings += Array(row.name.utf8) + [0]
            let path = start + strings.count
            strings += Array(row.path.utf8) + [0]
            entries += number(Int(row.flags)) + number(name) + number(path) + number(0) + number(0, 8)
        }
        let header = Array("glibc-ld.so.cache1.1".utf8) + number(rows.count) + number(strings.count) + [2, 0, 0, 0]
        let new = header + [UInt8](repeating: 0, count: 48 - header.count) + entries + strings
        return behindOld ? Array("ld.so-1.7.0".utf8) + [UInt8](repeating: 0, count: 53) + new : new
    }

    @Test(arguments: [false, true]) func theCacheKnowsPlaces(behindOld: Bool) throws {
        let bytes = Self.cache(
            [
                (0x0303, "libc.so.6", "/lib/libc.so.6"), (0x0003, "libc.so.6", "/lib32/libc.so.6"),
                (0x0303, "libz.so.1", "/x"),
            ],
            behindOld: behindOld
        )
        let cache = try LoaderCache(bytes)
        #expect(cache.count == 2)
        #expect(cache.libraries("libc.so.6", flags: 0x0303).map(\.path) == ["/lib/libc.so.6"])
        #expect(cache.libraries("libc.so.6", flags: 0x0003).map(\.path) == ["/lib32/libc.so.6"])
        #expect(cache.libraries("libq.so.1", flags: 0x0303).isEmpty)
        for cut in [0, 10, 40, 60, bytes.count - 1] {
            #expect(throws: ELFError.self) { try LoaderCache(Array(bytes.prefix(cut))) }
        }
        var hostile = bytes
        hostile.replaceSubrange(bytes.count - 40 - 24..<bytes.count - 40, with: [UInt8](repeating: 0xff, count: 24))
        do throws(ELFError) { _ = try LoaderCache(hostile) } catch { #expect(error.kind == .corrupt) }
    }

    @Test(.requires(.tool("ldconfig"))) func theMachinesOwnCache() throws {
        guard let bytes = try? Command.output(of: "cat", ["/etc/ld.so.cache"]) else { return }
        let text = String(decoding: try Command.output(of: "ldconfig", ["-p"]), as: UTF8.self)
        let cache = try LoaderCache(bytes)
        let target = ELFTarget(.x86_64, is64Bit: true)
        for line in text.split(separator: "\n") where line.contains("(libc6,x86-64)") {
            let name = String(line.drop { $0 == "\t" }.prefix { $0 != " " })
            let path = String(line.split(separator: " ").last ?? "")
            #expect(cache.libraries(name, flags: try #require(target.cacheFlags)).map(\.path).contains(path))
        }
    }

    // MARK: - Go

    static let moduleText =
        String(repeating: "x", count: 16)
        + "path\tcmd/x\nmod\texample.org/x\t(devel)\t\ndep\tgolang.org/x/net\tv1\th1:\n"
        + "build\t-tags=netgo,timetzdata\nbuild\tCGO_ENABLED=0\n" + String(repeating: "y", count: 16)

    @Test func goSaysHowItBuilt() throws {
        let bytes = MemoryBytes(SampleELF.goProgram(version: "go1.22.3", modules: Self.moduleText))
        let build = try #require(try GoBuild(of: ELFFile(bytes), bytes))
        #expect(build.version == "go1.22.3" && build.minorVersion == 22)
        #expect(build.tags == ["netgo", "timetzdata"] && build.settings["CGO_ENABLED"] == "0")
        #expect(build.modules == ["example.org/x", "golang.org/x/net"])
        let other = MemoryBytes(ELFFileTests.sample().bytes)
        #expect(try GoBuild(of: ELFFile(other), other) == nil)
    }

    @Test func hostileRecordsEnd() throws {
        let whole = SampleELF.goProgram(version: "go1.22.3", modules: Self.moduleText)
        for cut in stride(from: 200, to: whole.count, by: 7) {
            let bytes = MemoryBytes(Array(whole.prefix(cut)))
            do throws(ELFError) { _ = try GoBuild(of: ELFFile(bytes), bytes) } catch { #expect(error.kind == .corrupt) }
        }
    }
}
