import BuildDefinition
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
    var root: FilePath
    var content: ContentStore
    var snapshots: SnapshotStore
    var executor: any ContainerExecutor
    var network: BuildRequest.Network
    var epoch: Int64?
    var progress: ProgressSink

    static func key(
        of operation: RunOperation, below: BuiltFileSystem, network: BuildRequest.Network
    ) -> BuildCache.Key {
        var parts = Operation.run(operation).keyParts
        if network != .default { parts.append(KeyPart("network", network.rawValue)) }
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
}
