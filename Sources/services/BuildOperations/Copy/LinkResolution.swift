import LinuxSystem
import Reporting

/// Follows symbolic links inside a tree that is only known by looking names up: absolute links start at the tree's top,
/// `..` stops there.
struct LinkResolution {
    var status: (PathBytes) throws -> FileStatus?
    var readLink: (PathBytes) throws -> PathBytes

    /// The kernel's own limit.
    private static let mostLinks = 40

    init(status: @escaping (PathBytes) throws -> FileStatus?, readLink: @escaping (PathBytes) throws -> PathBytes) {
        self.status = status
        self.readLink = readLink
    }

    /// The path without links; nil where it leads to nothing or round in a circle.
    func resolve(_ path: PathBytes) throws -> PathBytes? {
        var done: [PathBytes] = []
        var rest = Array(path.components.reversed())
        var links = 0
        while let step = rest.popLast() {
            if step == ".." {
                _ = done.popLast()
                continue
            }
            let here = PathBytes(kept: done + [step])
            guard let status = try status(here) else { return nil }
            guard status.kind == .symbolicLink else {
                done.append(step)
                continue
            }
            links += 1
            guard links <= Self.mostLinks else { return nil }
            let target = try readLink(here)
            if target.bytes.first == UInt8(ascii: "/") { done = [] }
            rest += target.components.reversed()
        }
        return PathBytes(kept: done)
    }
}
