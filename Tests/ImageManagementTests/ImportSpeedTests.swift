import ByteStreams
import LinuxSystem
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

@testable import ImageManagement

/// Times the work on a large archive that `SOCLE_BENCH_TAR` names; says nothing about right and wrong.
@Suite(.serialized) struct ImportSpeedTests {
    static let archive = Environment.value("SOCLE_BENCH_TAR").map { FilePath($0) }

    static func source(_ path: FilePath) throws -> FileSource {
        let folder = try Directory.open(path.removingLastComponent())
        return FileSource(try folder.openForReading(PathBytes(path.lastComponent?.string ?? "")))
    }

    @Test(.enabled(if: archive != nil, "needs SOCLE_BENCH_TAR")) func times() throws {
        let path = try #require(Self.archive)
        for _ in 0..<3 {
            let fixture = try CatalogFixture()
            let clock = ContinuousClock()
            var image: Image?
            let importing = try clock.measure {
                image = try fixture.catalog.importRootfs(ImportRequest(), from: Self.source(path)) { _ in }
            }
            let made = try #require(image)
            let file = try fixture.root.directory().temporaryFile(mode: 0o600)
            let saving = try clock.measure {
                try fixture.catalog.save([made.id.description], to: FileSink(try file.descriptor.duplicate()))
            }
            try file.link(as: "saved.tar", replace: true)
            let other = try CatalogFixture()
            let loading = try clock.measure {
                _ = try other.catalog.load(from: Self.source(fixture.root("saved.tar"))) { _ in }
            }
            let checking = try clock.measure { _ = try fixture.catalog.check { _ in } }
            let unpacking = try clock.measure { _ = try fixture.catalog.lowers(for: made) }
            print("import \(importing) save \(saving) load \(loading) check \(checking) unpack \(unpacking)")
        }
    }
}
