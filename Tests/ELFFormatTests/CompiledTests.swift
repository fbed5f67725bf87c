import SocleTesting
import SystemPackage
import Testing

@testable import ELFFormat

/// What a compiler makes, compared with what `readelf` says of it.
@Suite struct CompiledTests {
    private static let tools = Requirement.all(.tool("gcc"), .tool("readelf"))

    private static func contents(_ path: FilePath) throws -> MemoryBytes {
        MemoryBytes(try Command.output(of: "cat", [path.string]))
    }

    private static func compile(_ script: String, in root: borrowing TemporaryRoot) throws {
        try Command.output(of: "sh", ["-ec", script], directory: root.path)
    }

    @Test(.requires(tools)) func whatReadelfSays() throws {
        let root = try TemporaryRoot()
        try Self.compile(
            """
            printf 'int one(void){return 1;} int two(void){return 2;}' > lib.c
            printf 'MY_1 { one; }; MY_2 { two; } MY_1;' > map
            gcc -shared -fPIC -Wl,-soname,libmy.so.1 -Wl,--version-script=map -o libmy.so.1 lib.c
            ln -s libmy.so.1 libmy.so
            printf 'int one(void); int two(void); extern int maybe(void) __attribute__((weak));\\n#include <math.h>\\n#include <stdio.h>\\nint main(int c,char**v){printf("%%f",exp(c)); return one()+two()+(maybe?maybe():0);}' > main.c
            gcc -o main main.c -L. -lmy -lm -Wl,-rpath,'$ORIGIN/../lib' -Wl,--enable-new-dtags
            gcc -o old main.c -L. -lmy -lm -Wl,-rpath,/opt -Wl,--disable-new-dtags -no-pie
            """,
            in: root
        )
        for name in ["main", "old", "libmy.so.1"] {
            let file = try ELFFile(try Self.contents(root(name)))
            let text = String(
                decoding: try Command.output(
                    of: "readelf",
                    ["-dlVW", root(name).string],
                    environment: ["LC_ALL": "C"]
                ),
                as: UTF8.self
            )
            let dynamic = try #require(file.dynamic)
            func listed(_ tag: String) -> [String] {
                text.split(separator: "\n").filter { $0.contains("(\(tag))") }.compactMap { line in
                    line.split(separator: "[").last.map { String($0.prefix { $0 != "]" }) }
                }
            }
            #expect(dynamic.needed == listed("NEEDED"))
            #expect([dynamic.soname].compactMap(\.self) == listed("SONAME"))
            #expect([dynamic.runtimePath].compactMap(\.self) == listed("RPATH"))
            #expect([dynamic.ownRuntimePath].compactMap(\.self) == listed("RUNPATH"))
            #expect(file.isProgram == (name != "libmy.so.1"))
            for version in dynamic.versionNeeds.flatMap(\.versions) {
                #expect(text.contains("Name: \(version.name)  Flags: \(version.isWeak ? "WEAK" : "none")"))
            }
            #expect(
                dynamic.versionNeeds.flatMap(\.versions).count == text.split(separator: "Name: ").count - 1
                    - (dynamic.versionDefinitions.map { $0.count + 1 } ?? 0)
            )
        }
        let library = try ELFFile(try Self.contents(root("libmy.so.1")))
        #expect(library.dynamic?.versionDefinitions == ["MY_1", "MY_2"])
        let program = try ELFFile(try Self.contents(root("main")))
        #expect(program.interpreter == program.target.glibcLoaders.first)
    }

    @Test(.requires(tools), arguments: ["gnu", "sysv", "both"]) func symbolsAreCountedByEitherTable(style: String)
        throws
    {
        let root = try TemporaryRoot()
        try Self.compile(
            """
            printf 'int one(void){return 1;} int two(void){return 2;} extern int far(void); int three(void){return far();} static int own(void){return 4;} int five(void){return own();}' > lib.c
            gcc -shared -fPIC -Wl,--hash-style=\(style) -o lib.so lib.c
            """,
            in: root
        )
        let bytes = try Self.contents(root("lib.so"))
        let file = try ELFFile(bytes)
        let all = try SymbolTable(of: file, bytes)
        #expect(
            all.offered.filter { ["one", "two", "three", "five", "own"].contains($0) }.sorted() == [
                "five", "one", "three", "two",
            ]
        )
        #expect(all.wanted == ["far"])
        #expect(all.weaklyWanted.contains("__cxa_finalize"))
        let wanted = try SymbolTable(of: file, bytes, needsOffered: false)
        #expect(wanted.wanted == all.wanted && wanted.offered.isEmpty)
    }

    @Test(.requires(tools)) func staticProgramsHaveNoLoader() throws {
        let root = try TemporaryRoot()
        try Self.compile(
            """
            printf 'int main(void){return 0;}' > main.c
            gcc -static -o static main.c; gcc -static-pie -o pie main.c; gcc -c -o main.o main.c
            """,
            in: root
        )
        for name in ["static", "pie"] {
            let file = try ELFFile(try Self.contents(root(name)))
            #expect(file.interpreter == nil && file.isProgram, "\(name)")
        }
        #expect(try ELFFile(try Self.contents(root("main.o"))).kind == .relocatable)
    }
}
