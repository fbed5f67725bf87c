import OCISpec
import SocleTesting
import Testing

@testable import MetadataStorage

struct PublishedTableTests {
    private func digest(_ number: UInt8) -> Digest { Digest.of([number]) }

    private func row(_ number: UInt8, in repository: String = "docker.io/library/app", subject: Digest? = nil)
        -> PublishedRow
    {
        PublishedRow(
            repository: repository,
            manifest: Descriptor(mediaType: .ociManifest, digest: digest(number), size: Int64(number)),
            subject: subject,
            artifactType: subject == nil ? nil : "application/x.test"
        )
    }

    @Test func manifestsAreTheirRepositorys() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        let table = store.published
        let (app, other) = ("docker.io/library/app", "docker.io/library/other")
        try table.set(row(1), parts: [digest(2), digest(3)])
        try table.set(row(1), parts: [digest(2), digest(3)])
        try table.setTag(repository: app, tag: "latest", digest: digest(1))
        #expect(try table.row(repository: app, tag: "latest") == row(1))
        #expect(try table.row(repository: other, digest: digest(1)) == nil)
        #expect(try table.refers(repository: app, to: digest(3)) && !table.refers(repository: other, to: digest(3)))
        #expect(try table.digests() == [digest(1), digest(2), digest(3)])
        #expect(try table.repositories() == [app])
        // A tag stands for what is there.
        #expect(throws: MetadataError.self) { try table.setTag(repository: other, tag: "latest", digest: digest(1)) }
        try table.set(row(4, subject: digest(1)), parts: [])
        #expect(try table.referrers(repository: app, subject: digest(1)) == [row(4, subject: digest(1))])
        #expect(try table.delete(repository: app, digest: digest(1)))
        #expect(try table.tags(repository: app).isEmpty && table.digests() == [digest(4)])
    }

    @Test func manifestsGoWithTheirImage() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        let table = store.published
        let image = digest(9)
        let manifest = Descriptor(mediaType: .ociManifest, digest: digest(1), size: 1)
        try store.images.upsert(ImageRow(id: image, manifest: manifest, createdAt: nil, addedAt: 0, size: 0))
        try table.set(row(1), parts: [digest(2)])
        try table.set(row(5), parts: [])
        try table.adopt([digest(1), digest(7)], repository: "docker.io/library/app", image: image)
        #expect(try table.row(repository: "docker.io/library/app", digest: digest(1))?.image == image)
        // What is pushed again stays the image's.
        try table.set(row(1), parts: [digest(2)])
        try store.images.delete(image)
        #expect(try table.digests() == [digest(5)])
    }

    @Test func tagsOfOneRepository() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        let manifest = Descriptor(mediaType: .ociManifest, digest: digest(1), size: 1)
        try store.images.upsert(ImageRow(id: digest(9), manifest: manifest, createdAt: nil, addedAt: 0, size: 0))
        let names = ["a.io/app:1", "a.io/app:2", "a.io/app-two:1", "a.io/app/x:1", "a.io/ap:1"]
        for name in names { try store.tags.set(name: name, image: digest(9)) }
        #expect(try store.tags.rows(repository: "a.io/app").map(\.name) == ["a.io/app:1", "a.io/app:2"])
    }
}
