import BaseImageTools
import BuildDefinition
import BuildSolver
import ByteStreams
import ContainerManagement
import ContainerRuntime
import ContentStorage
import LayerTransfer
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SnapshotStorage
import SystemPackage

/// Carries out RUN: a container on the file system below, whose changes become a layer.
///
/// The builder's thread is the container's parent, so the container doesn't outlive the build. Steps that say nothing of the
/// network share one of the build's own.
struct RunStep: Sendable {
    var containers: Containers
    var content: ContentStore
    var snapshots: SnapshotStore
    var metadata: MetadataStore
    var executor: any ContainerExecutor
    var network: BuildRequest.Network
    let ownNetwork = StepNetwork()
    var settings: RunSettings
    var epoch: Int64?
    var progress: ProgressSink

    /// Runs the operation's program; what it changed, as a layer in the store whose tree is there too.
    ///
    /// - Parameters:
    ///   - lowers: the file system below, top first; empty for none.
    ///   - inputs: what the mounts take files from, by position.
    func layer(
        for operation: RunOperation,
        lowers: [FilePath],
        inputs: [RunInput],
        turn: Turn
    ) throws -> BuiltLayer {
        let upper = try snapshots.prepareUpper()
        let status = try run(operation, lowers: lowers, inputs: inputs, in: upper.directories, turn: turn)
        try turn.cancellation.check()
        guard status.code == 0 else {
            let step = FailedStep(self, operation, lowers: lowers, inputs: inputs, upper: upper)
            throw StepFailure(RunFailure(operation).failure(status), step)
        }
        let layer = try pack(try upper.directory(), over: lowers)
        try upper.commit(as: layer.diffID)
        return layer
    }

    /// What a step wrote, as a layer in the store.
    func pack(_ upper: borrowing Directory, over lowers: [FilePath]) throws -> BuiltLayer {
        let writer = try content.writer()
        let below = lowers.isEmpty ? nil : try LayeredTree(lowers: lowers)
        let usage = try LayerDiff.write(upper: upper, to: writer, clamp: epoch) {
            (path) throws(SystemError) in try below?.resolve(path, followLast: false).status != nil
        }
        if let epoch { try LayerDiff.clampTimes(of: upper, to: epoch) }
        return try BuiltLayer(committing: writer, contentSize: usage.bytes, epoch: epoch)
    }

    private func run(
        _ operation: RunOperation,
        lowers: [FilePath],
        inputs: [RunInput],
        in place: UpperDirectory,
        turn: Turn
    ) throws -> ExitStatus {
        let folder = place.upper.parent
        let mounts = try turn.waiting { try prepare(operation, inputs, in: folder, turn.cancellation) }
        let input = try Directory.open("/dev").openForReading("null")
        var output = try Pipe()
        var error = try Pipe()
        let io = LaunchIO.descriptors(input: input.raw, output: output.writingEnd, error: error.writingEnd)
        var request = StepRequest(
            self.request(operation, with: mounts),
            lowers: lowers,
            upper: place.upper,
            work: place.work,
            folder: folder
        )
        request.mounts = mounts.mounts
        connect(&request, for: operation)
        let step = try containers.step(request, io: io)
        let outcome = Result {
            let status = try turn.waiting { try carryOut(step.launch, turn, closing: &output, &error) }
            try containers.settle(step)
            return status
        }
        try containers.finish(step)
        return try withExtendedLifetime(mounts) {
            try RunFailure(operation).explaining {
                do { return try outcome.get() } catch let error as RuntimeError where error.isRefusedProgram {
                    throw explained(error, operation, mounts, lowers)
                }
            }
        }
    }

    private func carryOut(
        _ request: LaunchRequest,
        _ turn: Turn,
        closing output: inout Pipe,
        _ error: inout Pipe
    ) throws -> ExitStatus {
        try turn.cancellation.check()
        var container = try executor.launch(request)
        // The streams end when the last one who could write to them has gone.
        output.closeWriting()
        error.closeWriting()
        let process = container.pidfd.raw
        // Its first process takes all others of the step with it; one that has ended already takes no signal.
        try turn.cancellation.whenCancelled({ try? ProcessDescriptor.signal(process, 9) }) {
            try StepOutput(task: turn.task, progress: progress)
                .forward(output: output.reading.raw, error: error.reading.raw)
        }
        return try turn.cancellation.whenCancelled({ try? ProcessDescriptor.signal(process, 9) }) {
            try container.wait()
        }
    }

    func prepare(
        _ operation: RunOperation,
        _ inputs: [RunInput],
        in folder: FilePath,
        _ cancellation: Cancellation
    ) throws -> PreparedMounts {
        if operation.mounts.isEmpty { return PreparedMounts() }
        return try MountPreparation(
            settings: settings,
            caches: CacheMountStore(root: snapshots.root),
            metadata: metadata,
            inputs: inputs,
            folder: folder,
            driver: try containers.storageDriver(),
            cancellation: cancellation
        ).prepare(operation.mounts)
    }

    func request(_ operation: RunOperation, with mounts: PreparedMounts) -> RunRequest {
        var request = RunRequest(image: "", command: operation.arguments)
        request.environment = operation.environment + operation.proxyEnvironment + mounts.environment
        request.workingDirectory = operation.workingDirectory
        request.user = operation.user
        request.hostname = operation.hostname
        request.privileged = operation.security == .insecure
        request.sharedMemorySize = settings.sharedMemorySize
        request.ulimits = settings.ulimits
        request.limits = settings.limits
        request.securityOptions = settings.securityOptions
        return request
    }

    /// Why the step's program could not be executed, where that can be found out.
    private func explained(
        _ error: RuntimeError,
        _ operation: RunOperation,
        _ mounts: PreparedMounts,
        _ lowers: [FilePath]
    ) -> RuntimeError {
        guard let config = try? ContainerConfig(request(operation, with: mounts), over: nil),
            let reason = LaunchReason(
                config: config,
                trees: lowers,
                mounts: operation.mounts.compactMap(\.target),
                commandName: "RUN"
            )
        else { return error }
        return error.explained(by: reason)
    }
}
