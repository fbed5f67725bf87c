import ContainerMonitor
package import LinuxSystem
package import MetadataStorage
package import OCISpec
import Reporting
import SnapshotStorage
package import SystemPackage

// Containers as the user knows them: made from a request and an image, run, listed, inspected, removed.
//
// What a container is lies in its row and in `containers/<id>/`; who looks after it is said by `containers/active/<id>`
// (`ActiveMark`). Every verb first settles what died half-way, so it tells the truth after any `kill -9`.

/// The containers of one store.
package struct Containers: Sendable {
    let root: FilePath
    let metadata: MetadataStore
    let host: HostFacts
    let volumes: Volumes
    let monitors: MonitorPlace
    private let chosenDriver = Guarded<StorageDriver?>(nil)

    /// Where the parents of containers are.
    package enum MonitorPlace: Sendable {
        /// In a process of their own where the container shall outlive a killed command.
        case automatic
        /// In this process: for one that can't start itself as a monitor.
        case here
    }

    /// Looks at nothing yet; folders are made when the first container is.
    package init(
        root: FilePath,
        metadata: MetadataStore,
        host: HostFacts = .current,
        monitors: MonitorPlace = .automatic
    ) {
        self.root = root
        self.metadata = metadata
        self.host = host
        self.monitors = monitors
        volumes = Volumes(folder: root.appending("volumes"))
    }

    /// `ps -a`: newest first.
    package func list() throws -> [ContainerSummary] {
        try settleAbandoned()
        return try metadata.containers.all().map { ContainerSummary(try container($0)) }
    }

    /// The container with this id, id prefix or name.
    package func find(_ text: String) throws -> Container {
        try settleAbandoned()
        return try container(try row(text))
    }

    /// `docker inspect` of a container.
    package func inspect(_ text: String, size: (ContainerSummary) throws -> ContainerSize? = { _ in nil }) throws -> JSONValue {
        let container = try find(text)
        return ContainerInspection(
            container: container,
            folder: folder(container.id),
            lowers: container.document.lowers.map { FilePath($0) },
            size: try size(ContainerSummary(container)),
            network: networks.find
        ).value
    }

    /// A container that keeps an image from being removed.
    package struct ImageUser: Sendable, Hashable {
        package var image: Digest
        package var container: String
        package var isRunning: Bool
    }

    /// Which containers use which images.
    package func imageUsers() throws -> [ImageUser] {
        try settleAbandoned()
        return try metadata.containers.all().map { row in
            let container = try container(row)
            return ImageUser(image: row.image, container: row.id, isRunning: container.isRunning)
        }
    }

    // MARK: - Storage

    /// How new containers and steps of builds get their root: tried when it is first asked for.
    package func storageDriver() throws -> StorageDriver {
        if let driver = chosenDriver.update({ $0 }) { return driver }
        let driver = try SnapshotStore(root: root).chooseDriver(ProcessEnvironment.value(StorageDriver.variable))
        chosenDriver.update { $0 = driver }
        return driver
    }

    // MARK: - Places

    var containersFolder: FilePath { root.appending("containers") }
    var activeFolder: FilePath { containersFolder.appending("active") }

    package func folder(_ id: String) -> FilePath { containersFolder.appending(id) }

    /// Opens the folder of marks, made where it is missing.
    func openActive() throws(SystemError) -> Directory {
        if let folder = try Directory.openIfPresent(activeFolder) { return folder }
        _ = try Directory.open(containersFolder, create: true, mode: 0o711)
        return try Directory.open(activeFolder, create: true, mode: 0o700)
    }

    // MARK: - Reading

    func row(_ text: String) throws -> ContainerRow {
        do throws(MetadataError) {
            if let row = try metadata.containers.row(text) { return row }
        } catch {
            guard case .ambiguous = error.reason else { throw error }
            throw PlainFailure(.invalidArgument, "Multiple IDs found with provided prefix: \(text)")
        }
        throw PlainFailure(.notFound, "No such container: \(text)")
    }

    func container(_ row: ContainerRow) throws -> Container {
        let record = try state(row)
        var container = Container(
            id: row.id,
            name: row.name,
            image: row.image,
            imageName: row.imageName,
            createdAt: row.createdAt,
            document: try JSON.decode(ContainerDocument.self, from: row.document),
            state: record.state,
            error: record.error
        )
        container.restarts = record.restarts
        container.health = container.document.config.healthPlan == nil ? nil : try health(row.id, record.state)
        if container.isRunning { container.endpoints = try networks.endpoints(of: row.id) }
        return container
    }

    private func health(_ id: String, _ state: ContainerState) throws -> HealthRecord? {
        guard let folder = try Directory.openIfPresent(folder(id)), var record = HealthRecord(in: folder) else {
            return nil
        }
        // As with Docker: what doesn't run isn't well.
        if !state.isActive { record.status = .unhealthy }
        return record
    }

    private typealias StateRecord = (state: ContainerState, error: String, restarts: Int)

    /// What the records say, the last one counts; and what went wrong.
    private func state(_ row: ContainerRow) throws -> StateRecord {
        guard let folder = try Directory.openIfPresent(self.folder(row.id)) else { return (.created(code: 0), "", 0) }
        let end: ExitRecord?
        let start: StartRecord?
        do throws(RecordError) {
            end = try ExitRecord(in: folder)
            start = try StartRecord(in: folder)
        } catch {
            // Half of a record is what a machine leaves that goes down; the others are told of all the same. Docker has
            // this code for containers whose end nobody saw.
            let state = ContainerState.exited(
                code: ExitRecord.unseen,
                outOfMemory: false,
                startedAt: row.createdAt,
                finishedAt: row.createdAt
            )
            return (state, error.description, 0)
        }
        let restarts = start?.restarts ?? 0
        if let end, start.map({ end.follows($0) }) ?? true {
            guard let startedAt = end.startedAt ?? start?.startedAt else {
                return (.created(code: end.code), end.error, restarts)
            }
            if end.isRestarting {
                return (
                    .restarting(code: end.code, startedAt: startedAt, finishedAt: end.finishedAt), end.error, restarts
                )
            }
            let state = ContainerState.exited(
                code: end.code,
                outOfMemory: end.outOfMemory,
                startedAt: startedAt,
                finishedAt: end.finishedAt
            )
            return (state, end.error, restarts)
        }
        guard let start else { return (.created(code: 0), "", 0) }
        if Wishes.isPaused(in: folder) {
            return (.paused(pid: start.process.pid, startedAt: start.startedAt), "", restarts)
        }
        return (.running(pid: start.process.pid, startedAt: start.startedAt), "", restarts)
    }
}
