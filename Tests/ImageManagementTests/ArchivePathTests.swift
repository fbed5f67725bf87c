import Testing

@testable import ImageManagement

struct ArchivePathTests {
    @Test(arguments: [
        ("a/b", "a/b"), ("./a//b/", "a/b"), ("/a", "a"), ("a/../b", "b"), ("a/./b/../../c", "c"),
    ])
    func cleans(_ text: String, _ clean: String) { #expect(ArchivePath(text)?.description == clean) }

    @Test(arguments: ["", ".", "/", "..", "a/../..", "../a", "a/.."])
    func refusesWhatIsOutside(_ text: String) { #expect(ArchivePath(text) == nil) }

    @Test func refusesOddBytes() { #expect(ArchivePath([0x61, 0xff]) == nil) }

    @Test func resolvesLinksFromTheirFolder() throws {
        let place = try #require(ArchivePath("4f32/layer.tar"))
        #expect(ArchivePath(target: Array("../086c/layer.tar".utf8), ofLinkAt: place)?.description == "086c/layer.tar")
        #expect(ArchivePath(target: Array("/x".utf8), ofLinkAt: place)?.description == "x")
        #expect(ArchivePath(target: Array("../../x".utf8), ofLinkAt: place) == nil)
    }

    @Test func knowsBlobNames() {
        #expect(ArchivePath("blobs/sha256/abc")?.blobDigestText == "sha256:abc")
        #expect(ArchivePath("blobs/sha256")?.blobDigestText == nil)
        #expect(ArchivePath("layer.tar")?.blobDigestText == nil)
    }
}
