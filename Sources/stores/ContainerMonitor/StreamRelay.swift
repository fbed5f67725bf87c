package import ContainerRuntime
private import Glibc
import LinuxSystem
private import SystemPackage

/// Copies between this process's standard streams and pipes of a container's own.
///
/// A program that had the caller's streams themselves could open them anew by `/proc/self/fd` with rights that the caller
/// didn't give, make them its own, walk out of its root from a directory, read on from a terminal when the command has
/// ended, or keep whoever reads the command's output waiting. Only `/dev/null` is given as it is.
package final class StreamRelay {
    private static let input: CInt = 0
    private static let output: CInt = 1
    private static let error: CInt = 2
    /// How long what a program left behind may go on speaking when it has ended itself.
    private static let grace = Duration.milliseconds(500)

    private var null: OwnedDescriptor?
    private var flows: [StreamFlow] = []
    private var keyboard: StreamFeed?
    /// Where the program's standard streams lead; borrowed until `begin`.
    package private(set) var io: LaunchIO = .descriptors(input: -1, output: -1, error: -1)

    /// Makes the pipes that are needed.
    ///
    /// - Parameter readsInput: whether standard input is passed on; the program finds nothing there else.
    package init(readsInput: Bool) throws(RuntimeError) {
        do throws(SystemError) { try make(readsInput) } catch {
            throw RuntimeError(error.kind, "making the container's streams: \(error)")
        }
    }

    private func make(_ readsInput: Bool) throws(SystemError) {
        let null = try Directory.open("/dev").open("null", flags: O_RDWR)
        var ends = (input: null.raw, output: null.raw, error: null.raw)
        if readsInput, Self.file(Self.input) != nil {
            let feed = try StreamFeed(Self.input)
            ends.input = feed.end
            keyboard = feed
        }
        let places = (output: Self.file(Self.output), error: Self.file(Self.error))
        if let place = places.output {
            let flow = try StreamFlow(to: Self.output, place)
            ends.output = flow.end
            flows.append(flow)
        }
        if let place = places.error {
            if place.identity == places.output?.identity {
                // What goes to one place stays in its order.
                ends.error = ends.output
            } else {
                let flow = try StreamFlow(to: Self.error, place)
                ends.error = flow.end
                flows.append(flow)
            }
        }
        io = .descriptors(input: ends.input, output: ends.output, error: ends.error)
        self.null = consume null
    }

    /// nil for what is closed, and for `/dev/null`.
    private static func file(_ stream: CInt) -> FileStatus? {
        guard let status = try? FileStatus(of: stream) else { return nil }
        let isNull = status.kind == .characterDevice && status.rawDevice == FileStatus.Device(major: 1, minor: 3)
        return isNull ? nil : status
    }

    /// Lets go of the ends that the container has by now, and begins to copy.
    func begin(_ poller: inout Poller) throws(SystemError) {
        // Whoever went away is an error of writing; the program in the container is told by a signal of its own.
        signal(SIGPIPE, SIG_IGN)
        null = nil
        for flow in flows { try flow.begin(&poller) }
        try keyboard?.begin(&poller)
    }

    /// Does what can be done without waiting.
    func handle(_ descriptor: CInt, _ poller: inout Poller) {
        if keyboard?.handle(descriptor, &poller) == true { return }
        for flow in flows { flow.handle(descriptor, &poller) }
    }

    /// Copies what the program wrote before its end, and for a moment what others go on writing; then somebody else reads that,
    /// so that it doesn't end them.
    func finish() {
        keyboard = nil
        var poller = Poller()
        for flow in flows { flow.finish(&poller) }
        let deadline = ContinuousClock.now + Self.grace
        while flows.contains(where: \.isOpen) {
            let rest = (deadline - ContinuousClock.now) / .milliseconds(1)
            guard rest > 0, let happened = try? poller.wait(milliseconds: Int32(rest.rounded(.up))) else { break }
            for (descriptor, _) in happened { handle(descriptor, &poller) }
        }
        leave()
    }

    /// Has somebody else read what is written from now on.
    func leave() { for flow in flows { flow.leave() } }
}
