internal import ContainerMonitor
package import ContainerRuntime
internal import LinuxSystem
internal import Reporting
internal import SystemPackage

extension BundleContainers {
    /// Sends a signal to the first process or, with `all`, to every process of the container.
    package func kill(_ id: String, signal: Int32, all: Bool) throws(RuntimeError) {
        let folder = try open(id)
        let record = try folder.record()
        let status = folder.status(of: record)
        if all {
            // Those that the first one left behind may still be there where processes aren't its own.
            for pid in try ProcessList.of(id, at: record.groups) { Self.signal(pid, signal) }
            return
        }
        guard status != .stopped, status != .creating else { throw RuntimeError(.conflict, "container not running") }
        let process = try Self.process(of: record)
        // The kernel keeps signals without a handler from the first process of a namespace; what would end a program that has
        // begun ends one that waits for its beginning.
        let sent = status == .created && Self.ending.contains(signal) ? 9 : signal
        do throws(SystemError) { try ProcessDescriptor.signal(process.raw, sent) } catch {
            if error.errno == .noSuchProcess { throw RuntimeError(.conflict, "container not running") }
            throw RuntimeError(error.kind, "signalling the container: \(error)")
        }
    }

    /// HUP, INT, QUIT, ABRT, TERM: those that also end runc's process that waits.
    private static let ending: Set<Int32> = [1, 2, 3, 6, 15]

    private static func signal(_ pid: Int32, _ number: Int32) {
        guard pid > 1, let process = try? ProcessDescriptor.open(pid) else { return }
        try? ProcessDescriptor.signal(process.raw, number)
    }

    /// Removes what is kept of a container that has stopped; with `force`, ends one that runs. What went wrong with its
    /// last hooks.
    @discardableResult
    package func delete(_ id: String, force: Bool) throws(RuntimeError) -> String? {
        try Self.check(id)
        guard let folder = try StateFolder.open(id, in: root) else {
            // runc's: whoever wants it gone has what he wants, and is told so.
            throw RuntimeError(.notFound, "container does not exist")
        }
        // Whoever makes it is let finish; what a killed one left has no owner.
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        let record: BundleRecord
        do throws(RuntimeError) { record = try folder.record() } catch {
            guard force || error.kind == .notFound else { throw error }
            folder.remove()
            return nil
        }
        let status = folder.status(of: record)
        // Nobody waits for a created one's program: it hasn't begun.
        guard force || status == .stopped || status == .created || record.process == nil else {
            throw RuntimeError(.conflict, "cannot delete container \(id) that is not stopped: \(status.rawValue)")
        }
        if status == .paused { Freezer.thaw(id, at: record.groups) }
        end(record, killsAll: force || status == .created)
        let message = (try? folder.spec()).flatMap {
            BundleHooks(record: record, spec: $0, cacheDirectory: cacheDirectory).afterStop()
        }
        folder.remove()
        return message
    }

    /// Ends the container's processes, and removes its groups.
    private func end(_ record: BundleRecord, killsAll: Bool) {
        if killsAll {
            record.process?.kill()
            Freezer.thaw(record.id, at: record.groups)
        }
        Leftovers.remove(of: record.id, at: record.groups)
    }

    package func pause(_ id: String) throws(RuntimeError) {
        let folder = try open(id)
        let record = try folder.record()
        guard [.running, .created].contains(folder.status(of: record)) else {
            throw RuntimeError(.conflict, "container not running")
        }
        try Freezer.freeze(id, at: record.groups)
    }

    package func resume(_ id: String) throws(RuntimeError) {
        let folder = try open(id)
        let record = try folder.record()
        guard folder.status(of: record) == .paused else { throw RuntimeError(.conflict, "container not paused") }
        Freezer.thaw(id, at: record.groups)
    }

    /// The processes of a container, by their numbers here.
    package func processes(_ id: String) throws(RuntimeError) -> [Int32] {
        try ProcessList.of(id, at: try open(id).record().groups).sorted()
    }
}
