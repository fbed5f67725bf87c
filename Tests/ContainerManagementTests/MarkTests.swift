import ContainerMonitor
import LinuxSystem
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

@testable import ContainerManagement

/// Somebody holds a container's mark for a moment: whoever wants it waits, and doesn't say that the container runs.
@Suite(.serialized, .requires(.all(.overlay, .tool("busybox")))) struct MarkTests {
    private func create(_ fixture: borrowing RunTests.Fixture) throws -> String {
        let request = RunRequest(image: "image", command: ["true"])
        return try fixture.containers.create(request, image: fixture.image, id: Digest.of([]), lowers: fixture.lowers)
    }

    @Test func removingWaitsForWhoeverLooksAfterWhatHasEnded() async throws {
        let fixture = try RunTests.Fixture()
        let id = try create(fixture)
        let containers = fixture.containers
        let active = try containers.openActive()
        guard let mark = try ActiveMark.take(id, in: active) else { throw SystemError("flock", nil, .fileExists) }
        let removal = Task.detached { try containers.remove(id, force: false, volumes: false) }
        try await Task.sleep(for: .milliseconds(100))
        try mark.clear(in: active)
        try await removal.value
        #expect(throws: PlainFailure.self) { try containers.find(id) }
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test func removingAVolumeWaitsForContainersThatAreMade() async throws {
        let fixture = try RunTests.Fixture()
        let containers = fixture.containers
        let active = try containers.openActive()
        _ = try containers.createVolume("kept", labels: [:], options: [:])
        guard let mark = try ActiveMark.make(RandomID.make(), in: active) else {
            throw SystemError("link", nil, .fileExists)
        }
        let removal = Task.detached { try containers.removeVolume("kept") }
        try await Task.sleep(for: .milliseconds(100))
        #expect(try containers.volumes.names() == ["kept"])
        try mark.clear(in: active)
        try await removal.value
        #expect(try fixture.leftovers().isEmpty)
    }
}
