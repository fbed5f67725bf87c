internal import CLaunchShim
private import Glibc
internal import LinuxSystem
internal import Reporting
internal import SystemPackage

/// What the launch shim said: where it stopped, and why.
struct LaunchReport: Sendable, Hashable {
    enum Kind: Sendable, Hashable { case failed, terminal, child, reached, listener }

    /// What became of the program, where it was the last operation that failed.
    enum Program: UInt32, Sendable { case notFound = 1, refused, failed }

    var kind: Kind
    var operation: Int
    var error: CInt
    var detail: UInt32

    /// From the message's bytes; nil if they aren't a report.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == MemoryLayout<shim_report>.size else { return nil }
        let report = bytes.withUnsafeBytes { $0.loadUnaligned(as: shim_report.self) }
        switch Int(report.kind) {
        case SHIM_FAILED: kind = .failed
        case SHIM_TERMINAL: kind = .terminal
        case SHIM_CHILD: kind = .child
        case SHIM_REACHED: kind = .reached
        case SHIM_LISTENER: kind = .listener
        default: return nil
        }
        operation = Int(report.operation)
        error = CInt(truncatingIfNeeded: report.error)
        detail = report.detail
    }

    /// The error in Docker's words, for the plan that was carried out.
    func failure(of plan: LaunchPlan) -> RuntimeError {
        let reason = String(cString: strerror(error)).lowercased()
        guard plan.operations.indices.contains(operation) else {
            return RuntimeError(.internal, "the launch shim refused its plan: \(reason)")
        }
        switch (plan.operations[operation], plan.operations.last) {
        case (.execute, .execute(_, let arguments, _)), (.look, .execute(_, let arguments, _)):
            return executionFailure(arguments, reason)
        default: break
        }
        let step = plan.operations[operation]
        if case .write = step, error == ENOENT {
            // Docker's status for whatever isn't there.
            return RuntimeError(.notFound, "unable to start container process: \(step.purpose): \(reason)", exitCode: 127)
        }
        let kind = SystemError("launch", nil, .init(rawValue: error)).kind
        if case .attach = step, error == EINVAL || error == ENOTDIR {
            // Docker's words, whichever of the two the kernel says.
            let question =
                "not a directory: Are you trying to mount a directory onto a file (or vice-versa)? "
                + "Check if the specified host path exists and is the expected type"
            return RuntimeError(kind, "unable to start container process: \(step.purpose): \(question)")
        }
        let note = isInside(plan) ? "" : MissingCapabilities.note(.init(rawValue: error), step.capabilities)
        return RuntimeError(kind, "unable to start container process: \(step.purpose): \(reason)\(note)")
    }

    /// Whether it stopped in a user namespace, where root has every right.
    private func isInside(_ plan: LaunchPlan) -> Bool {
        plan.operations.prefix(operation).contains { step in
            switch step {
            case .joinNamespace(_, .user): true
            case .joinContainer(_, let kinds): kinds.contains(.user)
            default: false
            }
        }
    }

    /// The same for a container whose plan nobody has any more: after its start, only the execution can fail.
    func failure(ofProgram arguments: [String]) -> RuntimeError {
        executionFailure(arguments, String(cString: strerror(error)).lowercased())
    }

    private func executionFailure(_ arguments: [String], _ reason: String) -> RuntimeError {
        var failure = executionFailure(ofProgram: arguments.first ?? "", reason)
        failure.programError = error
        return failure
    }

    private func executionFailure(ofProgram name: String, _ reason: String) -> RuntimeError {
        let start = "unable to start container process: exec: \"\(name)\""
        switch Program(rawValue: detail) {
        case .failed:
            // Docker's container has started by then: what it says is the container's own end.
            return RuntimeError(.invalidArgument, "exec \(name): \(reason)", exitCode: 1)
        case .refused where name.contains("/"):
            return RuntimeError(.forbidden, "\(start): \(reason)", exitCode: 126)
        case .notFound where name.contains("/"):
            return RuntimeError(.notFound, "\(start): stat \(name): \(reason)", exitCode: 127)
        default:
            return RuntimeError(.notFound, "\(start): executable file not found in $PATH", exitCode: 127)
        }
    }
}

extension PlanOperation {
    /// What a step is for, as the subject of an error.
    fileprivate var purpose: String {
        switch self {
        case .mount(let slot, let type, _, _): "error mounting \"\(type)\" to rootfs at \"\(slot.name)\""
        case .attach(let slot, _, let path, _): "error mounting \"\(slot.name)\" to rootfs at \"\(path)\""
        case .write(_, let path, let value): "error writing \"\(value)\" to /proc/\(path)"
        case .mask(_, let path, _, _): "can't mask path \"\(path)\""
        case .readOnly(_, let path): "can't make \"\(path)\" read-only"
        case .directory(_, let path, _): "mkdir \(path)"
        case .changeDirectory(_, let path): "chdir to cwd (\"\(path)\") set in config.json failed"
        case .resourceLimit(let name, _, let soft, let hard): "error setting rlimit \(name) to \(soft):\(hard)"
        case .capabilities: "unable to apply caps"
        case .boundingSet: "unable to apply the bounding set of caps"
        case .joinNamespace(_, let kind): "error joining the \(kind) namespace"
        case .node(_, let path, _): "error making device \"/dev/\(path)\""
        default: "can't \(description)"
        }
    }
    /// The rights that the kernel may have missed.
    fileprivate var capabilities: [Capability] {
        switch self {
        case .joinContainer: [.administration, .changeRoot]
        case .enterRoot, .openRoot: [.administration, .changeRoot, .overrideAccess]
        case .makePrivate, .stageRoot, .mount, .attach, .setAttributes, .mask, .readOnly, .unshare, .joinNamespace,
            .hostName,
            .domainName, .seccomp:
            [.administration, .overrideAccess]
        case .directory, .symbolicLink, .open, .changeDirectory, .execute, .look: [.overrideAccess]
        case .node: [.makeNode, .overrideAccess]
        case .loopbackUp: [.networkAdministration]
        case .resourceLimit, .write: [.resource]
        case .boundingSet: [.setCapabilities]
        case .identity: [.setUser, .setGroup]
        case .scheduler, .ioPriority: [.nice]
        default: []
        }
    }
}
