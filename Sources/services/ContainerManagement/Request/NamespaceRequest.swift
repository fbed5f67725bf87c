import LinuxSystem
package import Reporting

/// Which namespaces a container shares, and with whom; the network has `NetworkMode`.
package struct NamespaceRequest: Codable, Sendable, Hashable {
    package var ipc = IPCMode.own
    package var processes = ProcessMode.own
    /// Whether host and domain name are the host's.
    package var sharesNames = false
    /// The user namespace: nil and `host` are the host's.
    package var users: UserMode?
    /// The first of the host's ids that stand for a container's with `auto`; chosen when it is made.
    package var firstUser: UInt32?
    /// nil is the machine's default: `host` on version 1, `private` on version 2.
    package var controlGroups: ControlGroupMode?

    package enum IPCMode: RawRepresentable, Codable, Sendable, Hashable {
        case own
        /// One of its own that others may join.
        case shareable
        /// One of its own without `/dev/shm`.
        case none
        case host
        case container(String)
    }

    package enum ProcessMode: RawRepresentable, Codable, Sendable, Hashable {
        case own
        case host
        case container(String)
    }

    package enum UserMode: String, Codable, Sendable, Hashable { case host, auto }

    package enum ControlGroupMode: String, Codable, Sendable, Hashable { case host, own = "private" }

    package init() {}

    /// What the flags say; nil and an empty text are the default. The words are Docker's.
    package init(
        ipc: String?,
        pid: String?,
        uts: String?,
        userns: String?,
        cgroupns: String?
    ) throws(PlainFailure) {
        if let ipc, !ipc.isEmpty {
            guard let mode = IPCMode(rawValue: ipc) else { throw Self.invalid("Invalid IPC mode: \(ipc)") }
            self.ipc = mode
        }
        if let pid, !pid.isEmpty {
            guard let mode = ProcessMode(rawValue: pid) else { throw Self.invalid("--pid: invalid PID mode") }
            processes = mode
        }
        if let uts, !uts.isEmpty {
            guard uts == "host" else { throw Self.invalid("--uts: invalid UTS mode") }
            sharesNames = true
        }
        if let userns, !userns.isEmpty {
            guard let mode = UserMode(rawValue: userns) else { throw Self.invalid("--userns: invalid USER mode") }
            users = mode
        }
        if let cgroupns, !cgroupns.isEmpty {
            guard let mode = ControlGroupMode(rawValue: cgroupns) else {
                throw Self.invalid("--cgroupns: invalid CGROUP mode")
            }
            controlGroups = mode
        }
    }

    private static func invalid(_ text: String) -> PlainFailure { PlainFailure(.invalidArgument, text) }

    /// Refuses what Docker refuses of it together with the rest of a request.
    func check(_ request: RunRequest) throws(PlainFailure) {
        if sharesNames, !(request.hostname ?? "").isEmpty {
            throw Self.invalid("conflicting options: hostname and the UTS mode")
        }
        if sharesNames, !(request.domainname ?? "").isEmpty {
            throw Self.invalid("conflicting options: domainname and the UTS mode")
        }
        if !OwnUserNamespace.isInitial, users == .auto || processes == .host {
            // The kernel shows the host's processes, and lends further numbers, to nobody but the machine's root.
            throw PlainFailure(.unsupported, "--\(users == .auto ? "userns auto" : "pid host") needs root")
        }
        if users == .auto { try checkOwnUsers(request) }
        if case .container(let name) = ipc, name.isEmpty {
            throw Self.invalid("can't join IPC of container : invalid name or ID supplied: \"\"")
        }
    }
}

extension NamespaceRequest {
    /// How many ids a container of its own users has.
    static let userCount: UInt32 = 65_536
    /// Where systemd's containers get theirs as well.
    private static let userRanges: (first: UInt32, count: UInt32) = (524_288, 28_000)

    /// What belongs to the host's users can't be shared with others.
    private func checkOwnUsers(_ request: RunRequest) throws(PlainFailure) {
        let shared: [(Bool, String)] = [
            (request.network == .host, "network namespace"), (processes == .host, "PID namespace"),
            (ipc == .host, "IPC namespace"), (sharesNames, "UTS namespace"),
        ]
        if request.privileged {
            throw Self.invalid(
                "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace "
                    + "when running privileged mode"
            )
        }
        if let (_, what) = shared.first(where: \.0) {
            throw Self.invalid("cannot share the host's \(what) when user namespaces are enabled")
        }
        if request.network.container != nil || ipc.isContainer || processes.isContainer {
            throw PlainFailure(.unsupported, "--userns auto with a namespace of another container is not supported")
        }
        if request.usesOtherRuntime, let runtime = request.runtime {
            throw PlainFailure(.unsupported, "--userns auto is not supported with runtime \(runtime)")
        }
    }

    /// Ids that no other container has, as far as there are any.
    mutating func chooseUsers(for id: String, taken: Set<UInt32>) {
        let start = id.utf8.prefix(12).reduce(UInt32(0)) { ($0 &* 31 &+ UInt32($1)) } % Self.userRanges.count
        for step in 0..<Self.userRanges.count {
            let range = (start + step) % Self.userRanges.count
            firstUser = Self.userRanges.first + range * Self.userCount
            if !taken.contains(firstUser ?? 0) { return }
        }
    }
}

extension NamespaceRequest.IPCMode { var isContainer: Bool { if case .container = self { true } else { false } } }
extension NamespaceRequest.ProcessMode { var isContainer: Bool { if case .container = self { true } else { false } } }

/// `container:NAME`
private func containerName(_ text: String) -> String? {
    let prefix = "container:"
    return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
}

extension NamespaceRequest.IPCMode {
    package init?(rawValue: String) {
        switch rawValue {
        case "", "private": self = .own
        case "shareable": self = .shareable
        case "none": self = .none
        case "host": self = .host
        default:
            guard let name = containerName(rawValue) else { return nil }
            self = .container(name)
        }
    }

    package var rawValue: String {
        switch self {
        case .own: "private"
        case .shareable: "shareable"
        case .none: "none"
        case .host: "host"
        case .container(let name): "container:" + name
        }
    }
}

extension NamespaceRequest.ProcessMode {
    package init?(rawValue: String) {
        switch rawValue {
        case "": self = .own
        case "host": self = .host
        default:
            guard let name = containerName(rawValue), !name.isEmpty else { return nil }
            self = .container(name)
        }
    }

    package var rawValue: String {
        switch self {
        case .own: ""
        case .host: "host"
        case .container(let name): "container:" + name
        }
    }
}

extension RunRequest {
    /// What it says of namespaces, or what holds where it says nothing.
    package var sharing: NamespaceRequest { namespaces ?? NamespaceRequest() }
}
