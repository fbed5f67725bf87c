import TarFormat
import Testing

@Suite struct TarPathTests {
    @Test func partsLeaveOutWhatMeansNothing() {
        let path = TarPath("/./usr//lib/./x/")
        #expect(path.components.map { String(decoding: $0, as: UTF8.self) } == ["usr", "lib", "x"])
        #expect(path.isAbsolute && !path.hasParentComponent)
        #expect(TarPath("./.").components.isEmpty && TarPath("").components.isEmpty)
    }

    @Test(arguments: ["..", "../a", "a/..", "a/../b", "/.."]) func findsParents(_ text: String) {
        #expect(TarPath(text).hasParentComponent)
    }

    @Test(arguments: ["...", "..a", "a..", "a/...b"]) func dotsInNamesAreNoParents(_ text: String) {
        #expect(!TarPath(text).hasParentComponent)
    }

    @Test func describesOddBytes() {
        #expect(TarPath("caf\u{e9}").description == "caf\u{e9}")
        #expect(TarPath(bytes: [0x61, 0xff, 0x0a]).description == "a\\xff\\x0a")
        #expect(TarPath("a\u{1b}[2Jb").description == "a\\x1b[2Jb")
    }

    @Test func sortsByBytes() {
        #expect(["b", "a/b", "a", "a-b"].map { TarPath($0) }.sorted() == ["a", "a-b", "a/b", "b"])
    }
}
