import ContainerMonitor
package import ContainerRuntime
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// A step of a build that is about to run: what to launch, and the mark by which the next command finds what is left of
/// it should this process die.
package struct ContainerStep: ~Copyable {
    package let launch: LaunchRequest
    let mark: ActiveMark
}

extension Containers {
    /// What runs a step of a build: a container without a name, a row or a folder that outlives it, which dies with the
    /// thread that launches it.
    package func step(_ step: StepRequest, io: LaunchIO) throws -> ContainerStep {
        try settleAbandoned()
        let config = try ContainerConfig(step.run, over: nil)
        let id = RandomID.make()
        let tree = try LayeredTree(lowers: step.lowers.isEmpty ? [try emptyLayer()] : step.lowers)
        let folder = step.folder
        var merge = SpecMerge(
            id: id,
            request: step.run,
            config: config,
            user: try user(config.user, step.run.additionalGroups, in: tree),
            folder: folder,
            root: folder.appending("merged")
        )
        merge.devices = try HostDevices.find(step.run)
        merge.seccomp = { SeccompProfile.docker.specification(capabilities: $0) }
        let lowers = [try initLayer(for: tree)] + step.lowers
        let trees = try add(step.mounts, to: &merge, lowers: lowers)
        let files = try NetworkFiles(step.run, hostname: merge.hostname(host), host: NetworkFiles.read)
        try files.write(to: try Directory.open(folder))
        var spec = try merge.specification(host)
        if let path = step.networkNamespace { spec.linux?.join(.network, at: path) }
        var launch = LaunchRequest(
            id: id,
            spec: spec,
            root: .overlay(
                lowers: try mountPoints(of: step, lowers) + lowers,
                upper: step.upper,
                work: step.work,
                volatile: true,
                driver: try storageDriver()
            ),
            io: io,
            diesWithParent: true,
            cacheDirectory: root.appending("cache")
        )
        launch.trees = trees
        guard let mark = try ActiveMark.make(id, in: try openActive(), isStep: true) else {
            throw PlainFailure(.conflict, "container \(id) exists already")
        }
        return ContainerStep(launch: launch, mark: mark)
    }

    /// Runs a step on this process's terminal, whose user looks into what an earlier one left: its status.
    package func attend(_ step: StepRequest) throws -> ExitStatus {
        let step = try self.step(step, io: AttendedContainer.terminal)
        let outcome = Result { try AttendedContainer.run(step.launch, by: NativeExecutor()) }
        try finish(step)
        return try outcome.get()
    }

    /// Puts a step's mounts into its specification; the trees that they name.
    private func add(
        _ mounts: [StepMount],
        to merge: inout SpecMerge,
        lowers: [FilePath]
    ) throws -> [String: SharedTree] {
        if mounts.isEmpty { return [:] }
        let tree = try LayeredTree(lowers: lowers)
        var trees: [String: SharedTree] = [:]
        for (index, mount) in mounts.enumerated() {
            let access = mount.isReadOnly ? ["ro"] : []
            switch mount.source {
            case .tree(let given):
                let name = "tree-\(index)"
                trees[name] = given
                // Whatever is mounted in a context is as little to be written as the context.
                let access = mount.isReadOnly ? ["rro"] : []
                merge.stepMounts.append(
                    .init(mount.target, type: "bind", source: name, options: ["rbind", "rprivate"] + access)
                )
            case .directory(let path):
                merge.stepMounts.append(
                    .init(mount.target, type: "bind", source: path.string, options: ["rbind", "rprivate"] + access)
                )
            case .memory(let options):
                // Memory takes the mode of what it covers; a mount point that is only made now has none to give.
                let mode = try tree.status(PathBytes(mount.target)) == nil ? ["mode=1777"] : []
                merge.stepMounts.append(
                    .init(mount.target, type: "tmpfs", source: "tmpfs", options: options + access + mode)
                )
            }
        }
        return trees
    }

    private func mountPoints(of step: StepRequest, _ lowers: [FilePath]) throws -> [FilePath] {
        if step.mounts.isEmpty { return [] }
        let layer = MountPointLayer(tree: try LayeredTree(lowers: lowers))
        return try layer.make(for: step.mounts, at: step.folder.appending("points")).map { [$0] } ?? []
    }

    /// Brings what a step wrote to its upper directory, once it has ended.
    package func settle(_ step: borrowing ContainerStep) throws {
        guard case .overlay(let lowers, let upper, let work, _, let driver) = step.launch.root else { return }
        try driver.settle(lowers: lowers, upper: upper, work: work)
    }

    /// Ends a step whose container has ended or was never started.
    package func finish(_ step: consuming ContainerStep) throws {
        let mark = step.mark
        try mark.clear(in: openActive())
    }
}

extension RuntimeSpec.Linux {
    /// Takes a namespace that is there instead of a new one.
    mutating func join(_ kind: RuntimeSpec.Namespace.Kind, at path: String) {
        for index in namespaces?.indices ?? 0..<0 where namespaces?[index].type == kind {
            namespaces?[index].path = path
        }
    }
}
