import BuildDefinition
import ByteStreams
import ContainerManagement
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SnapshotStorage
import SystemPackage

/// Makes what a RUN's mounts show.
struct MountPreparation {
    var settings: RunSettings
    var caches: CacheMountStore
    var metadata: MetadataStore
    /// What the vertex's inputs are, by position.
    var inputs: [RunInput]
    /// A directory of the step's, thrown away with it.
    var folder: FilePath
    var driver: StorageDriver
    var cancellation: Cancellation

    /// Prepares all mounts, or says which can't be.
    func prepare(_ mounts: [RunMount]) throws -> PreparedMounts {
        let prepared = PreparedMounts()
        var agents = 0
        // The caches first, in an order that is the same for everybody: so that no two steps wait for each other.
        for (index, mount) in Self.ordered(mounts) {
            let place = folder.appending("mount-\(index)")
            switch mount.source {
            case .bind(let input, let path):
                let tree = try BindTree(folder: place, isReadOnly: mount.isReadOnly, driver: driver).tree(of: inputs[input], at: path)
                prepared.add(StepMount(.tree(tree), target: mount.target ?? "/", isReadOnly: mount.isReadOnly))
            case .cache(let id, let sharing, let start):
                let path = try cache(id, sharing, start, mount, prepared)
                prepared.add(
                    StepMount(.directory(path), target: mount.target ?? "/", isReadOnly: mount.isReadOnly)
                )
            case .tmpfs(let size):
                let options = ["nosuid"] + (size.flatMap { $0 > 0 ? ["size=\($0)"] : nil } ?? [])
                prepared.add(
                    StepMount(.memory(options: options), target: mount.target ?? "/", isReadOnly: mount.isReadOnly)
                )
            case .secret(let id, let variable, let isRequired):
                try addSecret(id, variable, isRequired, mount, place, to: prepared)
            case .ssh(let id, let isRequired):
                try addAgent(id, isRequired, mount, place, number: agents, to: prepared)
                agents += 1
            case .inline(let bytes):
                let file = MountedFile(bytes: bytes, mode: mount.mode ?? 0o644)
                prepared.add(StepMount(.tree(try file.tree(in: place)), target: mount.target ?? "/", isReadOnly: true))
            }
        }
        return prepared
    }

    /// Caches by their id, then all others as they stand.
    private static func ordered(_ mounts: [RunMount]) -> [(offset: Int, element: RunMount)] {
        mounts.enumerated().sorted { left, right in
            (order(left.element), left.offset) < (order(right.element), right.offset)
        }
    }

    private static func order(_ mount: RunMount) -> String {
        if case .cache(let id, _, _) = mount.source { "0\(id)" } else { "1" }
    }

    // MARK: - Caches

    private func cache(
        _ id: String,
        _ sharing: RunMount.Sharing,
        _ start: RunMount.Start?,
        _ mount: RunMount,
        _ prepared: PreparedMounts
    ) throws -> FilePath {
        var key = CacheMountKey(id: id)
        if let start {
            key.start = try RunStep.content(of: inputs[start.input], at: start.path, metadata)
        } else {
            (key.mode, key.uid, key.gid) = (mount.mode, mount.uid, mount.gid)
        }
        return try prepared.cache(key, CacheMountSharing(sharing), in: caches, cancellation: cancellation) { path in
            guard let start, !inputs[start.input].isEmpty(start.path) else { return }
            let place = try inputs[start.input].place(of: start.path)
            guard place.status.kind == .directory else {
                throw PlainFailure(.invalidArgument, "cache mount \"\(id)\": \"\(start.path)\" is not a directory")
            }
            try TreeWriter(place.tree).copyDirectory(place.path, place.status, to: try Directory.open(path))
        }
    }

    // MARK: - Secrets and agents

    private func addSecret(
        _ id: String,
        _ variable: String?,
        _ isRequired: Bool,
        _ mount: RunMount,
        _ place: FilePath,
        to prepared: PreparedMounts
    ) throws {
        guard let source = settings.secrets.last(where: { $0.id == id }) else {
            guard isRequired else { return }
            throw PlainFailure(
                .notFound,
                "secret \(id): not found",
                hint: "`socle build --secret id=\(id),src=FILE` or `--secret id=\(id),env=NAME` gives it"
            )
        }
        let bytes = try source.read()
        if let variable {
            guard !bytes.contains(0) else {
                throw PlainFailure(.invalidArgument, "secret \(id): a variable can't have a zero byte")
            }
            prepared.add(variable: "\(variable)=\(String(decoding: bytes, as: UTF8.self))")
        }
        guard let target = mount.target else { return }
        let file = MountedFile(bytes: bytes, mode: mount.mode ?? 0o400, uid: mount.uid ?? 0, gid: mount.gid ?? 0)
        prepared.add(StepMount(.tree(try file.secretTree(in: place)), target: target, isReadOnly: true))
    }

    private func addAgent(
        _ id: String,
        _ isRequired: Bool,
        _ mount: RunMount,
        _ place: FilePath,
        number: Int,
        to prepared: PreparedMounts
    ) throws {
        let target = mount.target ?? "/run/buildkit/ssh_agent.\(number)"
        if number == 0 { prepared.add(variable: "SSH_AUTH_SOCK=\(target)") }
        guard let source = settings.agents.last(where: { $0.id == id }) else {
            guard isRequired else { return }
            let flag = id == "default" ? "default" : "\(id)=SOCKET"
            throw PlainFailure(
                .notFound,
                "no SSH key \"\(id)\" forwarded from the client",
                hint: "`socle build --ssh \(flag)` forwards an agent"
            )
        }
        let socket: FilePath
        switch source.place {
        case .socket(let path): socket = path
        case .keys(let keys):
            let agent = try KeyAgent(keys: keys, in: place)
            prepared.add(agent)
            socket = agent.socket
        }
        let relay = try AgentRelay(
            to: socket,
            in: place,
            mode: mount.mode ?? 0o600,
            uid: mount.uid ?? 0,
            gid: mount.gid ?? 0
        )
        prepared.add(relay, at: target)
    }
}

extension CacheMountSharing {
    init(_ sharing: RunMount.Sharing) {
        self =
            switch sharing {
            case .shared: .shared
            case .private: .private
            case .locked: .locked
            }
    }
}
