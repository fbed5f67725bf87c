import BuildDefinition
import BuildSolver
import ContainerManagement
import ContainerRuntime
import ContentStorage
import LayerTransfer
import LinuxSystem
import OCISpec
import Reporting
import SnapshotStorage
import SystemPackage

/// Carries out RUN: a container on the file system below, whose changes become a layer.
///
/// The builder's thread is the container's parent, so the container doesn't outlive the build. The network is the host's
/// unless the build or the instruction says `none`.
struct RunStep: Sendable {
    var containers: Containers
    var content: ContentStore
    var snapshots: SnapshotStore
    var executor: any ContainerExecutor
    var network: BuildRequest.Network
    var epoch: Int64?
    var progress: ProgressSink

    static func key(
        of operation: RunOperation,
        below: BuiltFileSystem,
        network: BuildRequest.Network,
        epoch: Int64?
    ) -> BuildCache.Key {
        var parts = Operation.run(operation).keyParts
        if network != .default { parts.append(KeyPart("network", network.rawValue)) }
        // It bounds the times in the layer.
        if let epoch { parts.append(KeyPart("source date epoch", String(epoch))) }
        parts.append(KeyPart("below", below.chain))
        return BuildCache.Key(parts)
    }

    /// What this version can't do is refused before anything runs.
    func requireSupported(_ operation: RunOperation) throws {
        let refused: [(Bool, String)] = [
            (!operation.mounts.isEmpty, "--mount"), (operation.security == .insecure, "--security=insecure"),
            (!operation.devices.isEmpty, "--device"),
        ]
        for (isUsed, flag) in refused where isUsed {
            throw PlainFailure(.unsupported, "RUN with \(flag) is not supported yet")
        }
    }

    /// Runs the operation's program; what it changed, as a layer in the store whose tree is there too.
    func layer(
        for operation: RunOperation,
        lowers: [FilePath],
        turn: Turn
    ) throws -> BuiltLayer {
        let upper = try snapshots.prepareUpper()
        let status = try run(operation, lowers: lowers, in: upper.directories, turn: turn)
        guard status.code == 0 else { throw Self.failure(of: operation, status) }
        let writer = try content.writer()
        let below = try LayeredTree(lowers: lowers)
        let usage = try LayerDiff.write(upper: try upper.directory(), to: writer, clamp: epoch) {
            (path) throws(SystemError) in try below.resolve(path, followLast: false).status != nil
        }
        let layer = try BuiltLayer(committing: writer, contentSize: usage.bytes, epoch: epoch)
        try upper.commit(as: layer.diffID)
        return layer
    }

    private func run(
        _ operation: RunOperation,
        lowers: [FilePath],
        in place: UpperDirectory,
        turn: Turn
    ) throws -> ExitStatus {
        let input = try Directory.open("/dev").openForReading("null")
        var output = try Pipe()
        var error = try Pipe()
        let io = LaunchIO.descriptors(input: input.raw, output: output.writingEnd, error: error.writingEnd)
        let step = try containers.step(
            Self.request(operation, network: network),
            lowers: lowers,
            upper: place.upper,
            work: place.work,
            folder: place.upper.removingLastComponent(),
            io: io
        )
        let outcome = Result {
            try turn.waiting { try carryOut(step.launch, task: turn.task, closing: &output, &error) }
        }
        try containers.finish(step)
        return try outcome.get()
    }

    private func carryOut(
        _ request: LaunchRequest,
        task: Int,
        closing output: inout Pipe,
        _ error: inout Pipe
    ) throws -> ExitStatus {
        var container = try executor.launch(request)
        // The streams end when the last one who could write to them has gone.
        output.closeWriting()
        error.closeWriting()
        try StepOutput(task: task, progress: progress).forward(output: output.reading.raw, error: error.reading.raw)
        return try container.wait()
    }

    private static func request(_ operation: RunOperation, network: BuildRequest.Network) -> RunRequest {
        var request = RunRequest(image: "", command: operation.arguments)
        request.environment = operation.environment + operation.proxyEnvironment
        request.workingDirectory = operation.workingDirectory
        request.user = operation.user
        request.hostname = operation.hostname
        request.network =
            operation.network == .none || operation.network == .default && network == .none ? .none : .host
        return request
    }

    private static func failure(of operation: RunOperation, _ status: ExitStatus) -> PlainFailure {
        let command = operation.arguments.joined(separator: " ")
        return PlainFailure(
            .conflict,
            "process \"\(command)\" did not complete successfully: exit code: \(status.code)",
            hint: status.outOfMemory ? "the kernel killed it: its memory limit was reached" : nil
        )
    }
}
