import BuildDefinition
import ByteStreams
import ContainerManagement
import ImageManagement
import LinuxSystem
import OCISpec
import Reporting
import SnapshotStorage
import Synchronization
import SystemPackage

/// A RUN that failed, with the file system that it left. It goes away with the value, or when it is discarded.
package final class FailedStep: Sendable {
    private let run: RunStep
    private let operation: RunOperation
    private let lowers: [FilePath]
    private let inputs: [RunInput]
    private let directories: UpperDirectory
    private let upper: Mutex<ActiveUpper?>

    init(
        _ run: RunStep,
        _ operation: RunOperation,
        lowers: [FilePath],
        inputs: [RunInput],
        upper: consuming ActiveUpper
    ) {
        self.run = run
        self.operation = operation
        self.lowers = lowers
        self.inputs = inputs
        directories = upper.directories
        self.upper = Mutex(upper)
    }

    /// Removes what is left of the step.
    package func discard() { upper.withLock { $0 = nil } }

    private static let shells = ["/bin/bash", "/bin/sh"]

    /// The shell that the file system has; nil for none.
    private func shell() throws -> String? {
        let tree = try LayeredTree(lowers: [directories.upper] + lowers)
        return try Self.shells.first { try tree.status(PathBytes($0))?.kind == .file }
    }

    /// Opens a shell in the file system on this process's terminal: with the step's environment, mounts, user and working
    /// directory. Returns when it has ended, however it did.
    package func openShell() throws {
        guard let shell = try shell() else {
            throw PlainFailure(.notFound, "the failed step's file system has no shell")
        }
        let folder = directories.upper.parent.appending("shell")
        // A work directory that was used without syncing isn't taken again.
        let work = folder.appending("work")
        _ = try Directory.open(work, create: true)
        let mounts = try run.prepare(operation, inputs, in: folder, Cancellation())
        var request = run.request(operation, with: mounts)
        request.command = [shell]
        request.terminal = true
        request.interactive = true
        var step = StepRequest(request, lowers: lowers, upper: directories.upper, work: work, folder: folder)
        step.mounts = mounts.mounts
        run.connect(&step, for: operation)
        _ = try withExtendedLifetime(mounts) { try run.containers.attend(step) }
    }

    /// Says of an image that it is what a failed step left, and of which build.
    private static let label = "io.socle.failed-step"

    /// Makes an image without a name of the file system: its ID; nil where there is no shell to look around with.
    ///
    /// Of one build's failures the last is kept: the image takes the place of the one before, unless that has got a name or a
    /// container since.
    func image(over below: BuiltFileSystem, in images: ImageCatalog, project: String) throws -> Digest? {
        guard let shell = try shell() else { return nil }
        let layer = try run.pack(try Directory.open(directories.upper), over: lowers)
        let all = below.adding(layer)
        var config = ContainerConfig()
        config.env = operation.environment
        config.user = operation.user
        config.workingDir = operation.workingDirectory
        config.cmd = [shell]
        let build = String(Digest.of(Array(project.utf8)).hex.prefix(12))
        config.labels[Self.label] = build
        var image = ImageConfig(platform: .host, config: config, diffIDs: all.layers.map(\.diffID))
        image.comment = "what a step of a build left when it failed"
        image.history = all.layers.map { _ in History(createdBy: "RUN that failed") }
        var former = ImagePruning()
        former.labels.require("\(Self.label)=\(build)")
        _ = try images.prune(former)
        return try images.register(config: image, layers: all.layers.map(\.blob), tags: []).id
    }
}

/// The failure of a RUN whose file system is there to be looked into.
struct StepFailure: Failure {
    var failure: PlainFailure
    var step: FailedStep

    init(_ failure: PlainFailure, _ step: FailedStep) {
        self.failure = failure
        self.step = step
    }

    var kind: FailureKind { failure.kind }
    var description: String { failure.description }
    var hint: String? { failure.hint }
}

extension PlainFailure {
    /// The failure of a step with ways to look into what it left.
    func offering(_ image: Digest) -> PlainFailure {
        let offer =
            "`socle run -it --rm \(image.hex.prefix(12)) sh` looks into what the step left,"
            + " `socle build --debug-shell` opens a shell in it"
        return PlainFailure(kind, description, hint: [hint, offer].compactMap { $0 }.joined(separator: "\nhint: "))
    }
}
