import LinuxSystem
import SystemPackage
import Testing

@Suite struct ParentTests {
    @Test(arguments: ["", "/", "/a", "a", "a/b", "/a/b", "/a/b/", "//a///b", "../x", "/ä/ö", ".", "/.."])
    func isThatOfTheLibrary(text: String) {
        #expect(FilePath(text).parent == FilePath(text).removingLastComponent())
    }

    @Test func keepsBytesThatAreNoText() {
        let path = FilePath(platformString: [0x2f, -1, -2, 0x2f, 0x61, 0])
        #expect(path.parent == path.removingLastComponent())
    }
}
