import ContainerMonitor
package import ContainerRuntime
import LinuxSystem
import OCISpec
import Reporting
package import SystemPackage

/// A step of a build that is about to run: what to launch, and the mark by which the next command finds what is left of
/// it should this process die.
package struct ContainerStep: ~Copyable {
    package let launch: LaunchRequest
    let mark: ActiveMark
}

extension Containers {
    /// What runs a step of a build: a container without a name, a row or a folder that outlives it, which dies with the
    /// thread that launches it.
    ///
    /// `lowers` are the file system below, top first, and empty for none; `folder` is a directory of the caller's, where the
    /// step's own files are put.
    package func step(
        _ request: RunRequest,
        lowers: [FilePath],
        upper: FilePath,
        work: FilePath,
        folder: FilePath,
        io: LaunchIO
    ) throws -> ContainerStep {
        try settleAbandoned()
        let config = try ContainerConfig(request, over: nil)
        let id = RandomID.make()
        let tree = try LayeredTree(lowers: lowers.isEmpty ? [try emptyLayer()] : lowers)
        var merge = SpecMerge(
            id: id,
            request: request,
            config: config,
            user: try user(config.user, [], in: tree),
            folder: folder,
            root: folder.appending("merged")
        )
        merge.seccomp = { SeccompProfile.docker.specification(capabilities: $0) }
        let files = try NetworkFiles(request, hostname: merge.hostname(host), host: NetworkFiles.read)
        try files.write(to: try Directory.open(folder))
        let launch = LaunchRequest(
            id: id,
            spec: try merge.specification(host),
            root: .overlay(lowers: [try initLayer(for: tree)] + lowers, upper: upper, work: work, volatile: true),
            io: io,
            diesWithParent: true,
            cacheDirectory: root.appending("cache")
        )
        guard let mark = try ActiveMark.take(id, in: try openActive()) else {
            throw PlainFailure(.conflict, "container \(id) exists already")
        }
        return ContainerStep(launch: launch, mark: mark)
    }

    /// Ends a step whose container has ended or was never started.
    package func finish(_ step: consuming ContainerStep) throws {
        let mark = step.mark
        try mark.clear(in: openActive())
    }
}
