internal import ContainerRuntime
internal import ContainerMonitor
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

/// The folder of one container: who it is, its specification as it was when it was made, and the socket at which its
/// first process waits for its start.
struct StateFolder: ~Copyable {
    let id: String
    let path: FilePath
    let directory: Directory

    static let socket: PathBytes = "start.sock"
    private static let documentLimit = 16 << 20

    private init(id: String, path: FilePath, directory: consuming Directory) {
        self.id = id
        self.path = path
        self.directory = directory
    }

    /// nil where there is no such container.
    static func open(_ id: String, in root: FilePath) throws(RuntimeError) -> StateFolder? {
        let path = root.appending(id)
        do throws(SystemError) {
            guard let directory = try Directory.openIfPresent(path) else { return nil }
            return StateFolder(id: id, path: path, directory: directory)
        } catch {
            throw RuntimeError(error.kind, "opening the container's state: \(error)")
        }
    }

    /// A new one; it is the caller's alone until `lock` is given up.
    static func make(_ id: String, in root: FilePath) throws(RuntimeError) -> StateFolder {
        do throws(SystemError) {
            let parent = try Directory.open(root, create: true, mode: 0o700)
            try parent.makeDirectory(PathBytes(id), mode: 0o700)
            return StateFolder(id: id, path: root.appending(id), directory: try parent.directory(PathBytes(id)))
        } catch {
            if error.errno == .fileExists {
                throw RuntimeError(.conflict, "container with given ID already exists")
            }
            throw RuntimeError(error.kind, "making the container's state: \(error)")
        }
    }

    // MARK: - Documents

    func save(_ record: BundleRecord) throws(RuntimeError) { try replace("state.json", record) }

    func save(_ spec: RuntimeSpec) throws(RuntimeError) { try replace("config.json", spec) }

    func record() throws(RuntimeError) -> BundleRecord { try read("state.json", BundleRecord.self) }

    func spec() throws(RuntimeError) -> RuntimeSpec { try read("config.json", RuntimeSpec.self) }

    private func replace(_ name: PathBytes, _ value: some Encodable) throws(RuntimeError) {
        do { try directory.replaceDocument(name, try JSON.encode(value)) } catch {
            throw RuntimeError(.internal, "writing \(path)/\(name): \(error)")
        }
    }

    private func read<Value: Decodable>(_ name: PathBytes, _ type: Value.Type) throws(RuntimeError) -> Value {
        do {
            return try JSON.decode(type, from: try directory.document(name, limit: Self.documentLimit))
        } catch let error as SystemError where error.errno == .noSuchFileOrDirectory {
            throw RuntimeError(.notFound, "container does not exist")
        } catch {
            throw RuntimeError(.corrupt, "reading \(path)/\(name): \(error)")
        }
    }

    /// The folder goes: nobody finds the container any more.
    func remove() {
        guard let parent = try? Directory.open(path.parent) else { return }
        try? parent.removeTree(PathBytes(id))
    }

    // MARK: - One at a time

    /// Whoever changes the container holds it.
    func lock() throws(RuntimeError) -> FileLock {
        do throws(SystemError) { return try directory.lock("lock", .exclusive) } catch {
            if error.errno == .noSuchFileOrDirectory { throw RuntimeError(.notFound, "container does not exist") }
            throw RuntimeError(error.kind, "locking the container's state: \(error)")
        }
    }

    private var isHeld: Bool {
        guard (try? directory.status("lock")) != nil else { return false }
        do throws(SystemError) {
            let lock = try directory.attemptLock("lock", .shared)
            return lock == nil
        } catch {
            return true
        }
    }

    // MARK: - Status

    func status(of record: BundleRecord) -> BundleStatus {
        guard let process = record.process else { return isHeld ? .creating : .stopped }
        guard process.isAlive else { return .stopped }
        if Freezer.isFrozen(id, at: record.groups) { return .paused }
        return waitsForStart(process.pid) ? .created : .running
    }

    /// Whether the first process hasn't executed its program yet. The socket alone doesn't say it: whoever started the
    /// container may have died before it was removed.
    private func waitsForStart(_ pid: Int32) -> Bool {
        guard (try? directory.status(Self.socket)) != nil else { return false }
        guard let process = try? Directory.open(FilePath("/proc/\(pid)")), let program = try? process.readLink("exe") else {
            return true
        }
        return String(decoding: program, as: UTF8.self).hasPrefix("/memfd:socle-init")
    }
}
