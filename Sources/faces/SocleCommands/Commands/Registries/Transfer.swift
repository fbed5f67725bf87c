import ByteStreams
import ImageManagement
import LinuxSystem
import OCISpec
import Reporting
import SocleEngine

/// Images on their way between the store and registries, with what Docker says about it.
struct Transfer {
    private let session: Session
    private let quiet: Bool

    init(_ session: Session, quiet: Bool) {
        self.session = session
        self.quiet = quiet
    }

    /// Pulls one name; what is said goes to standard output, as with Docker.
    func pull(_ request: PullRequest, on engine: Engine) throws {
        var order = request
        order.unpacks = true
        let output = session.output
        if !quiet { output.print(Self.opening(order.reference)) }
        let pulled = try drawing(to: output.out, isTerminal: Terminal.isTerminal(1), order.cancellation) { sink in
            try engine.pull(order, progress: sink)
        }
        if quiet { return }
        output.print("Digest: \(pulled.digest)")
        let name = order.reference.familiar
        output.print(
            pulled.wasCurrent ? "Status: Image is up to date for \(name)" : "Status: Downloaded newer image for \(name)"
        )
    }

    /// The same before a container is run: what is said goes to standard error, since standard output is the container's.
    func pullForRun(_ request: PullRequest, of name: String, policy: PullPolicy, on engine: Engine) throws {
        let output = session.output
        if !quiet {
            if policy == .missing {
                output.complain("Unable to find image '\(request.reference.familiar)' locally")
            }
            output.complain(Self.opening(request.reference))
        }
        let pulled = try drawing(to: output.err, isTerminal: Terminal.isTerminal(2), request.cancellation) { sink in
            try engine.pull(request, progress: sink)
        }
        if quiet { return }
        output.complain("Digest: \(pulled.digest)")
        output.complain(
            pulled.wasCurrent
                ? "Status: Image is up to date for \(request.reference.familiar)"
                : "Status: Downloaded newer image for \(request.reference.familiar)"
        )
    }

    /// Copies one image; what is said goes to standard error, since the digest is the result.
    func copy(_ request: CopyRequest, on engine: Engine) throws -> Digest {
        try drawing(to: session.output.err, isTerminal: Terminal.isTerminal(2), request.cancellation) { sink in
            try engine.copy(request, environment: ProcessEnvironment.value, progress: sink)
        }
    }

    /// Pushes a list that was put together here; its digest.
    func pushManifestList(_ list: ImageReference, purging: Bool, on engine: Engine) throws -> Digest {
        let cancellation = Cancellation()
        return try drawing(to: session.output.err, isTerminal: Terminal.isTerminal(2), cancellation) { sink in
            try engine.pushManifestList(list, purging: purging, cancellation: cancellation, progress: sink)
        }
    }

    /// Pushes one name.
    func push(_ request: PushRequest, on engine: Engine) throws -> PushedImage {
        try drawing(to: session.output.out, isTerminal: Terminal.isTerminal(1), request.cancellation) { sink in
            try engine.push(request, progress: sink)
        }
    }

    /// `latest: Pulling from library/debian`; a name without its registry where that is Docker Hub.
    private static func opening(_ reference: ImageReference) -> String {
        let target = reference.digest.map { "\(reference.repository)@\($0)" } ?? reference.tag ?? "latest"
        return "\(target): Pulling from \(reference.path)"
    }

    /// Runs `body` with a sink that draws; Ctrl-C calls the work off.
    func drawing<Result>(
        to write: @escaping @Sendable (String) -> Void,
        isTerminal: Bool,
        _ cancellation: Cancellation,
        _ body: (@escaping ProgressSink) throws -> Result
    ) throws -> Result {
        let renderer: any ProgressRenderer = quiet ? SilentProgress() : TransferProgress(redraws: isTerminal)
        let feed = ProgressFeed(
            renderer,
            size: { isTerminal ? Terminal.size(of: 1) ?? Terminal.size(of: 2) : nil },
            write: write
        )
        let interruption = try Interruption { cancellation.cancel() }
        do {
            let result = try body(feed.sink)
            _ = interruption.end()
            feed.finish()
            return result
        } catch {
            let signal = interruption.end()
            feed.finish()
            if let signal { throw Reported(code: ExitCode(value: 128 + signal)) }
            throw error
        }
    }
}
