package import ContainerRuntime
import LinuxSystem
import Reporting

/// Descriptors of the caller's that go on to a container's program: 3 and on.
package enum CallerDescriptors {
    /// So many of them. To be asked before anything is opened: what is open then is the caller's, and nothing of the host's that is
    /// opened later gets one of their numbers.
    package static func first(_ count: Int) throws(RuntimeError) -> [CInt] {
        guard (0...256).contains(count) else {
            throw RuntimeError(.invalidArgument, "--preserve-fds \(count) is not in 0...256")
        }
        for number in 0..<count where !DescriptorIO.isOpen(CInt(3 + number)) {
            throw RuntimeError(
                .invalidArgument,
                "please check that preserved-fd \(3 + number) (of \(count)) is present"
            )
        }
        return (0..<count).map { CInt(3 + $0) }
    }
}
