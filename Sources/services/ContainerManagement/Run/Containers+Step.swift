package import ContainerRuntime
import LinuxSystem
import OCISpec
import Reporting
package import SystemPackage

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
    ) throws -> LaunchRequest {
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
        return LaunchRequest(
            id: id,
            spec: try merge.specification(host),
            root: .overlay(lowers: [try initLayer(for: tree)] + lowers, upper: upper, work: work, volatile: true),
            io: io,
            diesWithParent: true,
            cacheDirectory: root.appending("cache")
        )
    }
}
