private import CLinuxShims
private import Glibc
private import SystemPackage

/// A walk down and up a directory tree that holds one descriptor however deep it goes.
///
/// Going up is `..`, checked against what was left there: a directory that somebody moved while we were in it ends the walk
/// (`EXDEV`) and can't lead elsewhere. Going down follows no link and enters no other mount.
package struct Descent: ~Copyable {
    private struct Step {
        var name: PathBytes
        var parent: FileStatus.Identity
    }

    /// Where the walk is.
    package private(set) var current: Directory
    private var identity: FileStatus.Identity
    private var steps: [Step] = []

    package init(_ start: consuming Directory) throws(SystemError) {
        identity = try start.status().identity
        current = start
    }

    /// How many directories below the start.
    package var depth: Int { steps.count }

    /// From the start to here.
    package var path: PathBytes { PathBytes(steps.map(\.name.bytes).joined(separator: [UInt8(ascii: "/")])) }

    /// Goes into a directory of this one; `EXDEV` where something is mounted on it, unless that is wanted.
    package mutating func enter(_ name: PathBytes, crossesMounts: Bool = false) throws(SystemError) {
        let resolve =
            LINUX_RESOLVE_BENEATH | LINUX_RESOLVE_NO_SYMLINKS | (crossesMounts ? 0 : LINUX_RESOLVE_NO_XDEV)
        let raw = try name.withCString("openat2") { (text) throws(SystemError) in
            try check("openat2", name.description) {
                linux_openat2(
                    current.descriptor.raw,
                    text,
                    UInt64(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                    0,
                    resolve
                )
            }
        }
        let next = Directory(adopting: OwnedDescriptor(adopting: raw))
        let nextIdentity = try next.status().identity
        steps.append(Step(name: name, parent: identity))
        identity = nextIdentity
        current = next
    }

    /// Goes back up; the name of what was left, or nil at the start.
    package mutating func leave() throws(SystemError) -> PathBytes? {
        guard let step = steps.last else { return nil }
        let raw = try check("openat", "..") {
            openat(current.descriptor.raw, "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        }
        let parent = Directory(adopting: OwnedDescriptor(adopting: raw))
        guard try parent.status().identity == step.parent else {
            throw SystemError("openat", step.name.description, .improperLink)
        }
        steps.removeLast()
        identity = step.parent
        current = parent
        return step.name
    }
}
