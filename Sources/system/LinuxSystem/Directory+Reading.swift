private import Glibc

extension Directory {
    /// Opens a file below for reading. A FIFO or device that would keep the caller waiting doesn't.
    package func openForReading(_ name: PathBytes) throws(SystemError) -> OwnedDescriptor {
        try open(name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
    }
}
