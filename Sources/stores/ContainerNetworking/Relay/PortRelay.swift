private import LinuxSystem
private import SystemPackage

/// Passes on to a container what arrives at ports of the host's addresses of version 6.
///
/// The kernel translates addresses of one version only, so what comes to `[::1]:8080` for a container that speaks version 4
/// needs somebody in between; and what comes to the loopback address of version 6 never leaves it. It is a thread of the
/// process that holds the ports: nothing is started for it, and it ends with them.
package final class PortRelay: Sendable {
    /// Readable from the moment when everything shall end.
    private let stopped: Pipe
    private let hasEnded = Guarded(false)

    /// - Parameter listeners: the descriptors that the plan speaks of. They stay the caller's, and open until `stop`.
    package init(_ plan: RelayPlan, listeners: [CInt]) throws(NetworkError) {
        stopped = try network { () throws(SystemError) in try Pipe() }
        let stop = stopped.reading.raw
        let hasEnded = hasEnded
        let isStarted = DetachedThread.start {
            defer { hasEnded.update { $0 = true } }
            // The thread is in it for good. What listens stays where it was made.
            if let path = plan.namespace {
                guard (try? NetworkNamespace.enter(FilePath(path))) != nil else { return }
            }
            var loop = RelayLoop(plan, listeners: listeners, stop: stop)
            loop.run()
        }
        guard isStarted else {
            throw NetworkError(.system(SystemError("pthread_create", nil, .resourceTemporarilyUnavailable)))
        }
    }

    /// Ends all connections. When it returns, nobody listens but who holds the ports.
    package func stop() {
        let one: [UInt8] = [1]
        // A pipe that can't be written to was written to before.
        try? DescriptorIO.write(stopped.writingEnd, one.span)
        _ = hasEnded.wait { $0 ? true : nil }
    }
}
