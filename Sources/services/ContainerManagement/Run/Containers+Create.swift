import ContainerMonitor
import ContainerRuntime
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

    /// What is kept of it.
    func document(_ host: HostFacts) -> ContainerDocument {
        ContainerDocument(
            request: merge.request,
            config: merge.config,
            mountPoints: merge.mountPoints,
            hostname: merge.hostname(host),
            lowers: lowers.map(\.string)
        )
    }
}

/// A container that exists and that this process looks after.
struct OwnedContainer: ~Copyable {
    let draft: ContainerDraft
    let mark: ActiveMark
}

extension Containers {
    /// Works everything out and refuses what can't be; makes nothing but the store's own folders.
    func draft(_ request: RunRequest, image: ImageConfig, lowers: [FilePath]) throws -> ContainerDraft {
        if let name = request.name { _ = try ContainerName.checked(name) }
        try request.checkNetwork()
        var config = try ContainerConfig(request, over: image.config)
        let other = try request.network.container.map { try joinable($0) }
        if let other { config.hostname = other.document.hostname }
        let id = RandomID.make()
        let points = try MountPoint.plan(
            request.mounts,
            volumes: config.volumes.sorted(),
            volumePath: { volumes.path($0).string },
            anonymousName: RandomID.make
        )
        try checkSources(request)
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
            image: tree
        )
    }

    /// Makes the container: mark, folder, volumes, row, in this order, so that a process that dies leaves what the next
    /// one recognises as unfinished.
    func create(_ draft: ContainerDraft, image: Digest) throws -> OwnedContainer {
        let active = try openActive()
        let mark = try mark(draft.id, active)
        do {
            let containers = try Directory.open(containersFolder)
            try ContainerFolder.make(
                draft.id,
                in: containers,
                files: draft.files,
                lowers: Array(draft.lowers.dropFirst())
            )
            try prepareMounts(draft)
            if let policy = draft.merge.request.restart {
                let folder = try Directory.open(folder(draft.id))
                try Wishes.set(policy, in: folder)
            }
            try insert(draft, image: image)
        } catch {
            // What was made for nothing goes; should even that fail, the next command finds it.
            try? Directory.open(containersFolder).removeTree(PathBytes(draft.id))
            removeAnonymousVolumes(of: draft)
            try? mark.clear(in: active)
            throw error
        }
        return OwnedContainer(draft: draft, mark: mark)
    }

    private func mark(_ id: String, _ active: borrowing Directory) throws -> ActiveMark {
        if let mark = try ActiveMark.make(id, in: active) { return mark }
        throw PlainFailure(.conflict, "container \(id) exists already")
    }

    private func insert(_ draft: ContainerDraft, image: Digest) throws {
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
            return try metadata.containers.insert(row)
        }
        for attempt in 1...100 {
            row.name = ContainerName.generated(attempt: attempt)
            do throws(MetadataError) { return try metadata.containers.insert(row) } catch {
                guard error.kind == .conflict, attempt < 100 else { throw error }
            }
        }
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

    private func prepareMounts(_ draft: ContainerDraft) throws {
        for point in draft.merge.mountPoints {
            switch point.kind {
            case .bind:
                let path = FilePath(point.source)
                if !point.fromMountOption, try !HostFile.exists(path) {
                    _ = try Directory.open(path, create: true, mode: 0o755)
                }
            case .volume: try volumes.prepare(point, image: draft.image)
            case .tmpfs: break
            }
        }
    }

    private func removeAnonymousVolumes(of draft: ContainerDraft) {
        for point in draft.merge.mountPoints where point.isAnonymous {
            // The error that brought us here is the one to tell.
            if let name = point.name { try? volumes.remove(name) }
        }
    }

    func user(_ text: String, _ groups: [String], in tree: LayeredTree) throws -> RuntimeSpec.User {
        let limit = UserLookup.sizeLimit
        let lookup = try UserLookup(
            passwd: try tree.readFile("etc/passwd", limit: limit),
            group: try tree.readFile("etc/group", limit: limit)
        )
        return try lookup.resolve(text, additional: groups)
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
