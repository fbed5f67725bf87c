package import ContainerMonitor
import ContainerRuntime
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting

extension Containers {
    /// `update`: changes limits and the restart policy, at once where the container runs; what is to be said of limits that
    /// this machine can't set.
    @discardableResult
    package func update(
        _ text: String,
        restart: RestartPolicy?,
        _ change: (inout ResourceLimits) -> Void
    ) throws -> [String] {
        let id = try find(text).id
        let support = try LimitSupport.current()
        var warnings: [String] = []
        let container = try changeDocument(of: id) { container, document in
            change(&document.request.limits)
            // What is changed has to fit what was there: only both together can be judged.
            try discardUnsupported(&document.request.limits, by: support)
            var changed = ResourceLimits()
            change(&changed)
            warnings = try changed.discardUnsupported(by: support)
            try apply(changed, restart, to: container, &document)
        }
        tell("update", container)
        return warnings
    }

    /// Where the container runs, its limits are set in the same change that writes them down: those that stand there are those
    /// that it has.
    private func apply(
        _ given: ResourceLimits,
        _ restart: RestartPolicy?,
        to container: Container,
        _ document: inout ContainerDocument
    ) throws {
        var changed = given
        if let restart {
            if document.request.remove, restart.name != .no {
                throw PlainFailure(
                    .conflict,
                    "Restart policy cannot be updated because AutoRemove is enabled for the container"
                )
            }
            document.request.restart = restart
        }
        try document.request.limits.check(cpuCount: host.cpuCount())
        try document.request.limits.checkSets(host)
        if container.isRunning, changed != ResourceLimits() {
            // Together with what was set before: a new memory limit has to fit the swap that there is.
            if changed.memory != nil, changed.memorySwap == nil { changed.memorySwap = document.request.limits.memorySwap }
            var resources = RuntimeSpec.Resources()
            changed.apply(to: &resources)
            try LiveLimits.apply(resources, to: container.id, at: try container.groupPlace)
        }
        if let restart { try Wishes.set(restart, in: try Directory.open(folder(container.id))) }
    }

    /// Changes what is kept of a container, in one go with reading it: what another command changes at the same time isn't lost.
    ///
    /// - Returns: the container as it was before.
    @discardableResult
    func changeDocument(
        of id: String,
        _ body: (_ container: Container, _ document: inout ContainerDocument) throws -> Void
    ) throws -> Container {
        try metadata.transaction {
            var row = try row(id)
            let container = try container(row)
            var document = container.document
            try body(container, &document)
            row.document = try JSON.encode(document)
            try metadata.containers.update(row)
            return container
        }
    }

    /// What `commit` needs of a container; `body` runs while it stands still, where that is wanted and it runs.
    package func still<Result>(_ text: String, pauses: Bool, _ body: (Container) throws -> Result) throws -> Result {
        let container = try find(text)
        guard pauses, Freezer.isPossible, case .running = container.state else { return try body(container) }
        let place = try container.groupPlace
        try Freezer.freeze(container.id, at: place)
        tell("pause", container)
        defer {
            Freezer.thaw(container.id, at: place)
            tell("unpause", container)
        }
        return try body(container)
    }
}
