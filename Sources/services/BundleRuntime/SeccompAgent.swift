internal import ContainerRuntime
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

/// Whoever answers the calls about which a container's filter asks: he listens at a socket of the host's.
struct SeccompAgent: Sendable {
    private let path: String
    private let metadata: String?

    /// nil where the filter asks nobody.
    init?(_ seccomp: RuntimeSpec.Seccomp?) {
        guard let seccomp, seccomp.asksSomebody, let path = seccomp.listenerPath else { return nil }
        self.path = path
        metadata = seccomp.listenerMetadata
    }

    /// Sends the descriptor at which the filter asks, and the container process state with it.
    ///
    /// - Parameters:
    ///   - pid: the process whose filter it is.
    ///   - state: the container's.
    func send(_ listener: CInt, pid: Int32, state: JSONValue) throws(RuntimeError) {
        var document: JSONObject = [
            "ociVersion": .string(RuntimeSpec.version), "fds": ["seccompFd"], "pid": .integer(Int64(pid)),
        ]
        if let metadata, !metadata.isEmpty { document["metadata"] = .string(metadata) }
        document["state"] = state
        let socket: OwnedDescriptor
        do throws(SystemError) { socket = try UnixSocket.connect(to: FilePath(path)) } catch {
            throw failure(
                "failed to connect with seccomp agent specified in the seccomp profile: dial unix \(path): connect",
                error
            )
        }
        do throws(SystemError) {
            try UnixSocket.send(socket.raw, Array(JSONValue.object(document).serialized().utf8), descriptor: listener)
        } catch {
            throw failure("cannot send seccomp fd to \(path)", error)
        }
    }

    private func failure(_ what: String, _ error: SystemError) -> RuntimeError {
        RuntimeError(error.kind, "unable to start container process: \(what): \(Bundle.reason(error))")
    }
}

extension BundleRecord {
    /// Tells the filter's agent of a process of this container.
    ///
    /// - Parameter first: the container's first process; nil where it is that one itself.
    func delivery(_ spec: RuntimeSpec, _ status: BundleStatus, first: Int32?) -> ListenerDelivery? {
        guard let agent = SeccompAgent(spec.linux?.seccomp) else { return nil }
        return { (moment, listener) throws(RuntimeError) in
            try agent.send(listener, pid: moment.pid, state: state(status, pid: first ?? moment.pid))
        }
    }
}
