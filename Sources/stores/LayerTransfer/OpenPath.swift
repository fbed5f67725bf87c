import LinuxSystem
import TarFormat

/// The directories on the way from a layer's root to where the last entry went, held open: archives come in the order of
/// the tree, so the next entry's directory is mostly here already.
struct OpenPath {
    private struct Step {
        var name: [UInt8]
        var directory: OpenDirectory
    }

    /// So many levels are held open; what is deeper is opened anew when it changes.
    private static let heldLevels = 64

    let root: OpenDirectory
    private var steps: [Step] = []
    /// The parts of the name beyond the held levels, and the directory they lead to.
    private var tail: (names: [[UInt8]], directory: OpenDirectory)?

    init(root: OpenDirectory) { self.root = root }

    /// The directory that the parents of `name` lead to. `open` opens one that isn't held: it gets the directory above,
    /// and how many parents lead to the one it shall open.
    mutating func parent(
        of name: LayerName,
        open: (OpenDirectory, Int) throws(SystemError) -> OpenDirectory
    ) throws(SystemError) -> OpenDirectory {
        let parents = name.parents
        let bytes = name.path.bytes
        var depth = 0
        while depth < min(steps.count, parents.count), bytes[parents[depth]].elementsEqual(steps[depth].name) {
            depth += 1
        }
        steps.removeLast(steps.count - depth)
        if depth == parents.count { return steps.last?.directory ?? root }
        let deep = parents.dropFirst(Self.heldLevels).map { Array(bytes[$0]) }
        if depth == Self.heldLevels, let tail, tail.names == deep { return tail.directory }
        tail = nil
        var current = steps.last?.directory ?? root
        for index in depth..<parents.count {
            current = try open(current, index + 1)
            if index < Self.heldLevels {
                steps.append(Step(name: Array(bytes[parents[index]]), directory: current))
            }
        }
        if !deep.isEmpty { tail = (deep, current) }
        return current
    }

    /// Holds a directory that was just made or opened as `name`: what comes next is mostly in it.
    mutating func enter(_ name: LayerName, _ directory: OpenDirectory) {
        guard name.parents.count == steps.count, steps.count < Self.heldLevels else { return }
        steps.append(Step(name: name.last, directory: directory))
    }
}
