package import ContainerMonitor
import ContainerNetworking
import ContainerRuntime
import EventStorage
import LinuxSystem
package import OCISpec
import Reporting
package import SystemPackage

extension Containers {
    /// What became of a run.
    package enum RunOutcome: Sendable, Hashable {
        /// It ended with this status.
        case ended(Int32)
        /// It goes on without the caller, who let go of it or was never attached.
        case detached(id: String)
    }

    /// `run`: makes the container, stays with it where it was asked to, and removes it at its end if it was asked to. A
    /// container that can't be started is a `RuntimeError` with Docker's exit status.
    package func run(
        _ request: RunRequest,
        image: ImageConfig,
        id: Digest,
        lowers: [FilePath],
        detachKeys: DetachKeys = .standard,
        passesSignals: Bool = true,
        created: (String) throws -> Void = { _ in }
    ) throws -> RunOutcome {
        if request.terminal, request.attachedStreams.contains(.input), !TerminalMode.isTerminal(0) {
            throw PlainFailure(.invalidArgument, "the input device is not a TTY")
        }
        try settleAbandoned()
        let container = try create(try draft(request, image: image, lowers: lowers), image: id)
        let name = container.draft.id
        do { try created(name) } catch {
            try? abandon(container)
            throw error
        }
        // A process of its own costs as much as the whole container (a few milliseconds for starting this program again).
        // It is worth that where the container shall outlive a killed command. One that is thrown away at its end anyway
        // ends with its command; what then is left, the next command removes. The terminal and OCI runtimes change
        // the process they live in, so they get one.
        let isBrief =
            request.remove && !request.terminal && request.runtime == nil && request.isDetached != true
            && request.attaches == nil && container.draft.merge.config.healthPlan == nil
        if monitors == .here || isBrief { return .ended(try runHere(container)) }
        let session = AttachSession(request, detachKeys: detachKeys, passesSignals: passesSignals)
        return try runThere(container, session, name)
    }

    private func runHere(_ container: consuming OwnedContainer) throws -> Int32 {
        let end: ExitRecord
        do {
            // The host's ports are held until the container has ended.
            let (order, attachment) = try connected(container.draft, name: container.name)
            let relay = try order.relay.map { try PortRelay($0, listeners: attachment.held) }
            defer { withExtendedLifetime(attachment) { relay?.stop() } }
            end = try Monitor(order).run()
        } catch {
            try? abandon(container)
            throw error
        }
        try finish(container)
        return try code(ofTemporary: end)
    }

    /// In a process of its own, which also clears the mark of one that isn't thrown away.
    private func runThere(
        _ container: consuming OwnedContainer,
        _ session: AttachSession,
        _ name: String
    ) throws -> RunOutcome {
        let isTemporary = container.draft.merge.request.remove
        let outcome: AttachSession.Outcome
        do {
            let (order, attachment) = try connected(container.draft, name: container.name)
            let monitor = try MonitorProcess.start(order, mark: container.mark, held: attachment.held)
            // The monitor holds the host's ports from here on.
            withExtendedLifetime(attachment) {}
            if session.streams.isEmpty {
                try monitor.waitForStart()
                return .detached(id: name)
            }
            outcome = try session.run(on: monitor.takeLine(), greets: false)
        } catch {
            if isTemporary { try? abandon(container) } else { try? disconnect(name) }
            throw error
        }
        guard case .ended(let end) = outcome else { return .detached(id: name) }
        if !isTemporary { return .ended(end.code) }
        try finish(container)
        return .ended(try code(ofTemporary: end))
    }

    /// Why one had to be ended is said at once: there is no record of it left.
    private func code(ofTemporary end: ExitRecord) throws(RuntimeError) -> Int32 {
        if !end.error.isEmpty { throw RuntimeError(.unavailable, end.error, exitCode: end.code) }
        return end.code
    }

    /// Brings one to rest whose start failed: something of it may still be there when its monitor was killed.
    private func abandon(_ container: consuming OwnedContainer) throws {
        // Where that can't be done as well, why the start failed is still what is told, and the next command tries again.
        guard (try? settle(container.draft.id)) != nil else { return }
        let mark = container.mark
        try mark.clear(in: openActive())
    }

    /// What a run would do, in words; nothing of it is done.
    package func plan(
        _ request: RunRequest,
        image: ImageConfig,
        id: Digest,
        lowers: [FilePath]
    ) throws -> String {
        let draft = try draft(request, image: image, lowers: lowers)
        return try NativeExecutor().plan(for: order(draft).launchRequest(.descriptors(input: 0, output: 1, error: 2)))
            .description
    }

    /// What the monitor is told of a container that has its networks by now.
    private func connected(_ draft: ContainerDraft, name: String) throws -> (MonitorOrder, NetworkAttachment) {
        let isAttached = !draft.merge.request.attachedStreams.isEmpty
        if isAttached { tell(.container, "attach", draft.id, Self.eventAttributes(draft.merge.config, name: name)) }
        var order = try order(draft, name: name)
        tellMounts(draft.id, draft.merge.mountPoints)
        let attachment = try connect(draft.id, draft.document(host), to: &order)
        return (order, attachment)
    }

    func order(_ draft: ContainerDraft, name: String = "") throws -> MonitorOrder {
        var order = try order(
            draft.id,
            draft.spec,
            draft.merge.request,
            draft.merge.config,
            name: name,
            lowers: draft.lowers
        )
        order.driver = draft.driver
        order.take(draft.merge.mountPoints)
        return order
    }

    /// What the monitor of a container is told.
    func order(
        _ id: String,
        _ spec: RuntimeSpec,
        _ request: RunRequest,
        _ config: ContainerConfig,
        name: String,
        lowers: [FilePath]
    ) throws -> MonitorOrder {
        let folder = folder(id)
        var order = MonitorOrder(
            id: id,
            folder: folder,
            spec: spec,
            lowers: lowers,
            upper: folder.appending(ContainerFolder.upper),
            work: folder.appending(ContainerFolder.work),
            cacheDirectory: root.appending("cache")
        )
        order.isTemporary = request.remove
        // Where others are process 1 already, an init has nothing to reap.
        order.usesInit = request.usesInit && request.sharing.processes == .own
        order.isInteractive = request.interactive
        order.hasTerminal = request.terminal
        order.runtime = try RuntimeName.program(request.runtime)?.string
        order.log = request.log ?? .standard
        order.log.takeAttributes(
            id: id,
            name: name,
            image: request.image,
            command: (config.entrypoint ?? []) + (config.cmd ?? []),
            labels: config.labels,
            environment: config.env
        )
        order.journal = journal
        order.eventAttributes = Self.eventAttributes(config, name: name)
        order.health = config.healthPlan
        order.attaches = request.attachedStreams
        order.inputEndsWithClient = request.attachedStreams.contains(.input)
        if let size = TerminalMode.size() { (order.rows, order.columns) = size }
        if case .network = request.network { order.hasNetwork = true }
        order.settlement = ["socle", "--root", root.string, "debug", "settle"]
        return order
    }

    private func finish(_ container: consuming OwnedContainer) throws {
        let draft = container.draft
        if draft.merge.request.remove {
            try remove(draft.id, draft.document(host), withVolumes: true)
        }
        let mark = container.mark
        try mark.clear(in: try openActive())
    }
}

extension AttachSession {
    init(_ request: RunRequest, detachKeys: DetachKeys, passesSignals: Bool) {
        self.init(streams: request.attachedStreams, hasTerminal: request.terminal)
        self.detachKeys = detachKeys
        self.passesSignals = passesSignals
    }
}

/// The runtimes that `--runtime` may name.
enum RuntimeName {
    static let folders: [FilePath] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

    /// The program of an OCI runtime; nil for the native one.
    static func program(_ name: String?) throws -> FilePath? {
        guard let name, name != "socle" else { return nil }
        if name.hasPrefix("/") {
            if try HostFile.exists(FilePath(name)) { return FilePath(name) }
        } else if ["runc", "crun"].contains(name) {
            for folder in folders where try HostFile.exists(folder.appending(name)) { return folder.appending(name) }
            throw PlainFailure(
                .notFound,
                "runtime \"\(name)\" is not installed",
                hint: "apt-get install \(name)"
            )
        }
        throw PlainFailure(
            .invalidArgument,
            "Unknown runtime specified \(name)",
            hint: "\"socle\", \"runc\", \"crun\" or the absolute path of an OCI runtime"
        )
    }
}

extension MonitorOrder {
    /// What a monitor has to know of a container's mounts besides their specification.
    mutating func take(_ points: [MountPoint]) {
        volumes = points.filter { $0.kind == .volume }.compactMap(\.name)
        for point in points {
            if let content = point.content, let top = point.confinement { confinements[content] = top }
        }
    }
}
