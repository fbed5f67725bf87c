import ContainerMonitor
import ContainerRuntime
import LinuxSystem
package import OCISpec
import Reporting
package import SystemPackage

extension Containers {
    /// `run` in the foreground: makes the container, stays with it, and removes it if it was asked to; the exit status.
    /// A container that can't be started is a `RuntimeError` with Docker's exit status.
    package func run(
        _ request: RunRequest,
        image: ImageConfig,
        id: Digest,
        lowers: [FilePath]
    ) throws -> Int32 {
        if request.terminal, request.interactive, !TerminalMode.isTerminal(0) {
            throw PlainFailure(.invalidArgument, "the input device is not a TTY")
        }
        try settleAbandoned()
        let container = try create(try draft(request, image: image, lowers: lowers), image: id)
        let end: ExitRecord
        do { end = try start(container) } catch {
            // Something of a container may still be there when its monitor was killed. Where that can't be brought to
            // rest as well, why it failed is still what is told.
            try? settle(container.draft.id)
            try? container.mark.clear(in: openActive())
            throw error
        }
        try finish(container)
        return end.code
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

    private func order(_ draft: ContainerDraft) throws -> MonitorOrder {
        let request = draft.merge.request
        let folder = folder(draft.id)
        var order = MonitorOrder(
            id: draft.id,
            folder: folder,
            spec: draft.spec,
            lowers: draft.lowers,
            upper: folder.appending(ContainerFolder.upper),
            work: folder.appending(ContainerFolder.work),
            cacheDirectory: root.appending("cache")
        )
        order.isTemporary = request.remove
        order.usesInit = request.usesInit
        order.isInteractive = request.interactive
        order.hasTerminal = request.terminal
        order.runtime = try RuntimeName.program(request.runtime)?.string
        return order
    }

    private func start(_ container: borrowing OwnedContainer) throws -> ExitRecord {
        let order = try order(container.draft)
        // A process of its own costs as much as the whole container (a few milliseconds for starting this program again).
        // It is worth that where the container shall outlive a killed command. One that is thrown away at its end anyway
        // ends with its command; what then is left, the next command removes. The terminal and OCI runtimes change
        // the process they live in, so they get one.
        if monitors == .here || order.isTemporary && !order.hasTerminal && order.runtime == nil {
            return try Monitor(order).run()
        }
        return try MonitorProcess.start(order, mark: container.mark).wait()
    }

    private func finish(_ container: consuming OwnedContainer) throws {
        let draft = container.draft
        if draft.merge.request.remove {
            let document = ContainerDocument(
                request: draft.merge.request,
                config: draft.merge.config,
                mountPoints: draft.merge.mountPoints,
                hostname: "",
                lowers: []
            )
            try remove(draft.id, document, withVolumes: true)
        }
        try container.mark.clear(in: try openActive())
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
