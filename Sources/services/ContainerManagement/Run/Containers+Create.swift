import ContainerMonitor
import ContainerRuntime
import EventStorage
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SystemPackage

/// What a container is made of, worked out before anything is made.
struct ContainerDraft {
    var id: String
    var merge: SpecMerge
    var spec: RuntimeSpec
    var files: NetworkFiles
    /// The image's layers with the init layer on them, top first.
    var lowers: [FilePath]
    var image: LayeredTree
    var driver: StorageDriver

    /// What is kept of it.
    func document(_ host: HostFacts) -> ContainerDocument {
        var document = ContainerDocument(
            request: merge.request,
            config: merge.config,
            mountPoints: merge.mountPoints,
            hostname: merge.hostname(host),
            lowers: lowers.map(\.string)
        )
        if driver != .overlay { document.driver = driver }
        return document
    }
}

/// A container that exists and that this process looks after.
struct OwnedContainer: ~Copyable {
    let draft: ContainerDraft
    let name: String
    let mark: ActiveMark
}

extension Containers {
    /// Works everything out and refuses what can't be; makes nothing but the store's own folders.
    func draft(_ given: RunRequest, image: ImageConfig, lowers: [FilePath]) throws -> ContainerDraft {
        var request = given
        if let name = request.name { _ = try ContainerName.checked(name) }
        try request.checkNetwork()
        _ = try RuntimeName.program(request.runtime)
        var config = try ContainerConfig(request, over: image.config)
        let other = try request.network.container.map { try joinable($0) }
        if let other { config.hostname = other.document.hostname }
        let id = RandomID.make()
        if request.sharing.users == .auto {
            request.namespaces?.chooseUsers(for: id, taken: try usersInUse())
        }
        let inherited = try inheritedMounts(request)
        let covered = Set(inherited.map(\.destination))
        let own = try MountPoint.plan(
            request.mounts,
            volumes: config.volumes.sorted().filter { !covered.contains(ContainerPath.cleaned($0)) },
            volumePath: { volumes.path($0).string },
            anonymousName: RandomID.make
        )
        // A mount that is asked for stands before one that another container has there.
        let taken = Set(own.map(\.destination))
        var points = own + inherited.filter { !taken.contains($0.destination) }
        // A volume that is there is what it is, whatever is asked for.
        for index in points.indices {
            guard let name = points[index].name, let facts = try volumes.facts(name) else { continue }
            if let problem = facts.problem { throw problem }
            points[index].device = try VolumeOptions(facts.options, of: name)
        }
        try checkSources(request)
        try checkParts(points, request)
        let tree = try LayeredTree(lowers: lowers.isEmpty ? [try emptyLayer()] : lowers)
        var merge = SpecMerge(
            id: id,
            request: request,
            config: config,
            user: try user(config.user, request.additionalGroups, in: tree),
            folder: folder(id),
            root: folder(id).appending("merged")
        )
        merge.mountPoints = points
        merge.devices = try HostDevices.find(request)
        merge.limitedDevices = try HostDevices.numbers(request.limits.block)
        merge.seccomp = { SeccompProfile.docker.specification(capabilities: $0) }
        let files = try other.map { try NetworkFiles(of: folder($0.id)) }
            ?? NetworkFiles(request, hostname: merge.hostname(host), host: NetworkFiles.read)
        let all = [try initLayer(for: tree)] + lowers
        return ContainerDraft(
            id: id,
            merge: merge,
            spec: try merge.specification(host),
            files: files,
            lowers: all,
            image: tree,
            driver: try storageDriver()
        )
    }

    /// Makes the container: mark, folder, volumes, row, in this order, so that a process that dies leaves what the next
    /// one recognises as unfinished.
    func create(_ draft: ContainerDraft, image: Digest) throws -> OwnedContainer {
        let active = try openActive()
        let mark = try mark(draft.id, active)
        let name: String
        do {
            let containers = try Directory.open(containersFolder)
            try ContainerFolder.make(
                draft.id,
                in: containers,
                files: draft.files,
                lowers: Array(draft.lowers.dropFirst())
            )
            try PlannedVolumes(draft.merge.mountPoints).write(to: folder(draft.id))
            try prepareMounts(draft)
            if let policy = draft.merge.request.restart {
                let folder = try Directory.open(folder(draft.id))
                try Wishes.set(policy, in: folder)
            }
            name = try insert(draft, image: image)
            tell(.container, "create", draft.id, Self.eventAttributes(draft.merge.config, name: name))
        } catch {
            // What was made for nothing goes; should even that fail, the next command finds it.
            try? Directory.open(containersFolder).removeTree(PathBytes(draft.id))
            removeAnonymousVolumes(of: draft)
            try? mark.clear(in: active)
            throw error
        }
        return OwnedContainer(draft: draft, name: name, mark: mark)
    }

    private func mark(_ id: String, _ active: borrowing Directory) throws -> ActiveMark {
        if let mark = try ActiveMark.make(id, in: active) { return mark }
        throw PlainFailure(.conflict, "container \(id) exists already")
    }

    /// Enters it, under its name.
    private func insert(_ draft: ContainerDraft, image: Digest) throws -> String {
        let request = draft.merge.request
        var row = ContainerRow(
            id: draft.id,
            name: "",
            image: image,
            imageName: request.image,
            createdAt: WallClock.now(),
            document: try JSON.encode(draft.document(host))
        )
        if let name = request.name {
            row.name = try ContainerName.checked(name)
            try metadata.containers.insert(row)
            return row.name
        }
        for attempt in 1...100 {
            row.name = ContainerName.generated(attempt: attempt)
            do throws(MetadataError) {
                try metadata.containers.insert(row)
                break
            } catch {
                guard error.kind == .conflict, attempt < 100 else { throw error }
            }
        }
        return row.name
    }

    // MARK: - Parts

    /// `--mount` wants its host path to be there; what `-v` misses is made when the container is.
    private func checkSources(_ request: RunRequest) throws {
        for mount in request.mounts where mount.kind == .bind && !mount.makesSource {
            guard let source = mount.source, try HostFile.exists(FilePath(source)) == false else { continue }
            throw PlainFailure(
                .notFound,
                "invalid mount config for type \"bind\": bind source path does not exist: \(source)"
            )
        }
    }

    /// A part of a volume can only be found in a folder, and only the own runtime finds it safely.
    private func checkParts(_ points: [MountPoint], _ request: RunRequest) throws {
        for point in points where point.subpath != nil {
            if point.confinement == nil {
                throw PlainFailure(
                    .unsupported,
                    "volume-subpath of volume \(point.name ?? ""), which is there only while a container runs, is not supported"
                )
            }
            if request.usesOtherRuntime, let runtime = request.runtime {
                throw PlainFailure(.unsupported, "volume-subpath is not supported with runtime \(runtime)")
            }
        }
    }

    /// The mounts of the containers that `--volumes-from` names; of one place, the last one's.
    private func inheritedMounts(_ request: RunRequest) throws -> [MountPoint] {
        var points: [String: MountPoint] = [:]
        for text in request.volumesFrom ?? [] {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts[0].isEmpty { throw PlainFailure(.invalidArgument, "invalid volumes-from: \(text)") }
            let mode = parts.count == 2 ? parts[1] : "rw"
            guard mode == "rw" || mode == "ro" else { throw PlainFailure(.invalidArgument, "invalid mode: \(mode)") }
            for var point in try find(parts[0]).document.mountPoints where point.kind != .tmpfs {
                if mode == "ro" { point.readOnly = true }
                point.copiesUp = false
                points[point.destination] = point
            }
        }
        return points.values.sorted { $0.destination < $1.destination }
    }

    private func prepareMounts(_ draft: ContainerDraft) throws {
        // What is copied into a volume is what the container would see there, its init layer's files as well.
        let isCopied = draft.merge.mountPoints.contains(where: \.copiesUp)
        let content = isCopied ? try LayeredTree(lowers: draft.lowers) : draft.image
        for point in draft.merge.mountPoints {
            switch point.kind {
            case .bind:
                let path = FilePath(point.source)
                if !point.fromMountOption || point.makesSource == true, try !HostFile.exists(path) {
                    _ = try Directory.open(path, create: true, mode: 0o755)
                }
            case .volume:
                let isNew = try point.name.map { try volumes.facts($0) == nil } ?? false
                try volumes.prepare(point, image: content)
                if isNew { tell(.volume, "create", point.name ?? "", ["driver": "local"]) }
            case .tmpfs: break
            }
        }
    }

    private func removeAnonymousVolumes(of draft: ContainerDraft) {
        // The error that brought us here is the one to tell.
        try? removeAnonymousVolumes(of: draft.id, draft.merge.mountPoints.anonymousVolumes)
    }

    func user(_ text: String, _ groups: [String], in tree: LayeredTree) throws -> RuntimeSpec.User {
        try UserLookup { path, limit in try tree.readFile(path, limit: limit) }.resolve(text, additional: groups)
    }

    func initLayer(for tree: LayeredTree) throws -> FilePath {
        _ = try openActive()
        let etc = try tree.resolve("etc", followLast: false).status
        return try InitLayer.path(
            in: try Directory.open(containersFolder),
            at: containersFolder,
            etc: etc?.kind == .directory ? etc : nil
        )
    }

    /// What stands for the layers of an image that has none.
    func emptyLayer() throws -> FilePath {
        _ = try openActive()
        let path = containersFolder.appending("empty")
        _ = try Directory.open(path, create: true, mode: 0o755)
        return path
    }
}
