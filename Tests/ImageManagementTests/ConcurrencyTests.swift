import LinuxSystem
import MetadataStorage
import OCISpec
import SocleTesting
import Testing

@testable import ImageManagement

/// Several at work on one store, as several processes would be: each with connections and folders of its own.
struct ConcurrencyTests {
    /// Runs `body` on several threads at once and waits; the errors.
    func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) -> [any Error] {
        let state = Guarded<(left: Int, errors: [any Error])>((count, []))
        for index in 0..<count {
            let hasStarted = DetachedThread.start {
                let error: (any Error)? =
                    if case .failure(let error) = Result(catching: { try body(index) }) { error } else { nil }
                state.update { state in
                    state.left -= 1
                    if let error { state.errors.append(error) }
                }
            }
            if !hasStarted { state.update { $0.left -= 1 } }
        }
        return state.wait { $0.left == 0 ? $0.errors : nil }
    }

    @Test func manyTagOneNameAtOnce() throws {
        let fixture = try CatalogFixture()
        let root = fixture.root.path
        let errors = onThreads(6) { index in
            let catalog = try CatalogFixture.catalog(at: root)
            for round in 0..<4 {
                _ = try CatalogFixture.importing(Archive.small, into: catalog, as: "a", epoch: Int64(index * 4 + round))
            }
        }
        #expect(errors.isEmpty)
        #expect(try fixture.catalog.list().count == 24)
        #expect(try fixture.catalog.list().count { !$0.isDangling } == 1)
        #expect(try fixture.catalog.check { _ in }.isSound)
        #expect(try fixture.metadata.leases.all().isEmpty)
    }

    @Test func importingAndRemovingTheSameLayerAtOnce() throws {
        let fixture = try CatalogFixture()
        let root = fixture.root.path
        let errors = onThreads(4) { index in
            let catalog = try CatalogFixture.catalog(at: root)
            for round in 0..<6 {
                let name = "n\(index)"
                _ = try CatalogFixture.importing(
                    Archive.small,
                    into: catalog,
                    as: name,
                    epoch: Int64(index * 6 + round)
                )
                _ = try catalog.resolve(name)
                if round < 5 { _ = try catalog.remove(name, force: false, noPrune: false, users: []) }
            }
        }
        #expect(errors.isEmpty, "\(errors)")
        #expect(try fixture.catalog.list().count == 4)
        #expect(try fixture.catalog.check { _ in }.isSound)
        #expect(try fixture.blobs().count == 9)
    }

    @Test(.requires(.root)) func oneTreeIsUnpackedForAll() throws {
        let fixture = try CatalogFixture()
        let root = fixture.root.path
        _ = try fixture.importing(Archive.small, as: "a")
        let errors = onThreads(4) { _ in
            let catalog = try CatalogFixture.catalog(at: root)
            _ = try catalog.lowers(for: try catalog.resolve("a"))
        }
        #expect(errors.isEmpty)
        #expect(try Directory.open(fixture.root("tmp")).names().isEmpty)
    }
}
