package import ContainerMonitor
import ContainerRuntime
import LinuxSystem
import MetadataStorage
package import OCISpec
import Reporting
package import SystemPackage

extension Containers {
    /// `create`: a container that isn't started; its id.
    package func create(
        _ request: RunRequest,
        image: ImageConfig,
        id: Digest,
        lowers: [FilePath]
    ) throws -> String {
        try settleAbandoned()
        let container = try create(try draft(request, image: image, lowers: lowers), image: id)
        let name = container.draft.id
        let mark = container.mark
        try mark.clear(in: openActive())
        return name
    }

    /// `start`: runs a container that exists; one that runs goes on as it does. With `attach`, stays with it.
    package func start(
        _ text: String,
        attach: AttachRequest? = nil
    ) throws -> RunOutcome {
        let container = try find(text)
        if case .paused = container.state {
            throw PlainFailure(.conflict, "cannot start a paused container, try unpause instead")
        }
        let active = try openActive()
        guard let mark = try markAtRest(container.id, active) else {
            guard let attach else { return .detached(id: try row(container.id).id) }
            return try self.attach(text, attach)
        }
        do { return try start(container, mark, attach) } catch {
            try? disconnect(container.id)
            // Its monitor clears the mark, and the record of why it failed stays. One that was killed may have started it.
            if let left = try ActiveMark.takeAbandoned(container.id, in: active), (try? settle(container.id)) != nil {
                try left.clear(in: active)
            }
            throw error
        }
    }

    private func start(
        _ container: Container,
        _ mark: consuming ActiveMark,
        _ attach: AttachRequest?
    ) throws -> RunOutcome {
        let folder = try Directory.open(folder(container.id))
        try Wishes.clear(in: folder)
        var order = try order(container)
        order.attaches = attach?.streams(of: container) ?? []
        if attach != nil { tell("attach", container) }
        tellMounts(container.id, container.document.mountPoints)
        let attachment = try connect(container.id, container.document, to: &order)
        let monitor = try MonitorProcess.start(order, mark: mark, held: attachment.held)
        // The monitor holds the host's ports from here on.
        withExtendedLifetime(attachment) {}
        let outcome: AttachSession.Outcome
        guard let attach else {
            try monitor.waitForStart()
            return .detached(id: container.id)
        }
        outcome = try attach.session(with: container).run(on: monitor.takeLine(), greets: false)
        guard case .ended(let end) = outcome else { return .detached(id: container.id) }
        if order.isTemporary {
            try remove(container.id, container.document, withVolumes: true)
            try mark.clear(in: openActive())
        }
        return .ended(end.code)
    }

    /// What the monitor of a container is told that was made before.
    private func order(_ container: Container) throws -> MonitorOrder {
        let document = container.document
        let request = document.request
        let folder = folder(container.id)
        let lowers = document.lowers.map { FilePath($0) }
        // Its users are those of the files as the container left them.
        let tree = try tree(of: container)
        var merge = SpecMerge(
            id: container.id,
            request: request,
            config: document.config,
            user: try user(document.config.user, request.additionalGroups, in: tree),
            folder: folder,
            root: folder.appending("merged")
        )
        merge.mountPoints = document.mountPoints
        merge.devices = try HostDevices.find(request)
        merge.limitedDevices = try HostDevices.numbers(request.limits.block)
        merge.seccomp = { SeccompProfile.docker.specification(capabilities: $0) }
        var order = try order(
            container.id,
            try merge.specification(host),
            request,
            document.config,
            name: container.name,
            lowers: lowers
        )
        order.driver = document.storageDriver
        order.take(document.mountPoints)
        return order
    }

    /// `start --all`: starts what its policy wants to run, as after a reboot; the names of those that were started.
    package func startAll() throws -> [String] {
        var started: [String] = []
        for summary in try list() where !summary.state.isActive {
            guard let folder = try Directory.openIfPresent(folder(summary.id)) else { continue }
            let policy = Wishes.policy(in: folder)
            guard try folder.status(StartRecord.file) != nil else { continue }
            switch policy.name {
            case .always: break
            case .unlessStopped where !Wishes.isStopped(in: folder): break
            case .no, .onFailure, .unlessStopped: continue
            }
            _ = try start(summary.id)
            started.append(summary.name)
        }
        return started
    }
}

/// How a command attaches to a container.
package struct AttachRequest: Sendable {
    /// Whether what is typed goes to the container, as far as that reads anything.
    package var takesInput: Bool
    package var detachKeys: DetachKeys
    package var passesSignals: Bool

    package init(takesInput: Bool, detachKeys: DetachKeys = .standard, passesSignals: Bool = true) {
        self.takesInput = takesInput
        self.detachKeys = detachKeys
        self.passesSignals = passesSignals
    }

    func streams(of container: Container) -> AttachedStreams {
        takesInput && container.document.request.interactive ? [.input, .output, .error] : [.output, .error]
    }

    func session(with container: Container) -> AttachSession {
        var session = AttachSession(
            streams: streams(of: container),
            hasTerminal: container.document.request.terminal
        )
        session.detachKeys = detachKeys
        session.passesSignals = passesSignals
        return session
    }
}

extension Containers {
    /// `attach`
    package func attach(_ text: String, _ request: AttachRequest) throws -> RunOutcome {
        let container = try find(text)
        switch container.state {
        case .running: break
        case .paused:
            throw PlainFailure(.conflict, "You cannot attach to a paused container, unpause it first")
        case .restarting:
            throw PlainFailure(.conflict, "You cannot attach to a restarting container, wait until it is running")
        case .created, .exited:
            throw PlainFailure(.conflict, "You cannot attach to a stopped container, start it first")
        }
        if container.document.request.terminal, request.streams(of: container).contains(.input),
            !TerminalMode.isTerminal(0)
        {
            throw PlainFailure(.invalidArgument, "the input device is not a TTY")
        }
        guard let line = try AttachSession.connect(to: folder(container.id)) else {
            throw PlainFailure(
                .unsupported,
                "container \(container.id) is on the terminal of the command that runs it, and nobody else can attach",
                hint: "run it without --rm, or with -d"
            )
        }
        tell("attach", container)
        let outcome = try request.session(with: container).run(on: line, greets: true)
        if case .detached = outcome { tell("detach", container) }
        guard case .ended(let end) = outcome else { return .detached(id: container.id) }
        awaitRemoval(of: container)
        return .ended(end.code)
    }
}
