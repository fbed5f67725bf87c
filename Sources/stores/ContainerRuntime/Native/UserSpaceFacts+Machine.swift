internal import LinuxSystem

extension UserSpaceFacts {
    /// Those that a request's plan depends on; nil where root is the machine's own.
    static func gather(for request: LaunchRequest) -> UserSpaceFacts? {
        if OwnUserNamespace.isInitial { return nil }
        var facts = UserSpaceFacts(users: OwnUserNamespace.users, groups: OwnUserNamespace.groups)
        if case .descriptors(let input, let output, let error) = request.io {
            facts.hasFileStreams = [input, output, error].contains { (try? FileStatus(of: $0))?.kind == .file }
        }
        return facts
    }
}
