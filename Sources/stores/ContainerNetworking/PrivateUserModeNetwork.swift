private import Glibc
private import CLinuxShims
internal import LinuxSystem
internal import Reporting
package import SystemPackage

/// What `PrivateNetwork` is, for an ordinary user: a network for the steps of a build, by pasta.
///
/// The namespace is shown at a path only while pasta starts, on mounts that end with that. pasta ends when the file goes,
/// which lies in a folder that is swept when this process is gone.
package final class PrivateUserModeNetwork: @unchecked Sendable {
    // Nobody changes anything after `init`, and `deinit` is alone.
    private let holder: NetworkNamespace
    private let file: FilePath

    /// Where the namespace is found, for this process only.
    package var namespace: String { "/proc/self/fd/\(holder.descriptor.raw)" }

    /// - Parameter folder: nobody else's, for a file or two.
    package init(in folder: FilePath, forwardsNames: Bool) throws {
        let file = folder.appending("network")
        let words = try UserModeNetwork.words(file, [], forwardsNames: forwardsNames)
        self.file = file
        holder = try NetworkNamespace()
        var routing = RoutingSocket(adopting: try holder.routing.duplicate())
        try routing.change(LinkMessages.bringUp(1), "lo")
        do { _ = try Directory.open(folder).open("network", flags: O_WRONLY | O_CREAT, mode: 0o600) }
        let source = namespace
        try PrivateMounts.compose {
            try check("mount", file.string) { linux_bind_file(source, file.string) }
            try UserModeNetwork.run(words)
        }
    }

    deinit { UserModeNetwork.stop(file) }
}
