import LinuxSystem

/// Goes through what is below a directory of a source tree, each directory before what is in it, names in order.
///
/// A directory that isn't copied itself (only something in it is) comes when the first thing in it does.
struct SourceWalk {
    /// One thing that is copied.
    struct Step {
        /// In the source tree.
        var path: PathBytes
        /// Where it goes.
        var place: PathBytes
        var status: FileStatus
        /// Whether the directory that it goes into is there in the file system below.
        var mayReplace: Bool
    }

    private struct Visit {
        var step: Step
        /// Relative to where the walk began.
        var name: PathBytes
        var depth: Int
    }

    let tree: any SourceTree
    let filter: CopyFilter
    private var pending: [Visit] = []
    /// Directories on the way that didn't come themselves, by their depth.
    private var waiting: [Visit] = []
    private var ready: [Step] = []

    /// - Parameter isThere: whether `place` is a directory of the file system below.
    init(_ tree: any SourceTree, from top: PathBytes, to place: PathBytes, isThere: Bool, filter: CopyFilter) throws {
        self.tree = tree
        self.filter = filter
        try push(contentsOf: top, at: place, name: "", depth: 0, mayReplace: isThere)
    }

    /// The next thing, nil at the end. `enter` says of a directory's place whether the file system below has it.
    mutating func next(isThere: (PathBytes) throws -> Bool) throws -> Step? {
        while ready.isEmpty, let visit = pending.popLast() {
            waiting.removeAll { $0.depth >= visit.depth }
            let isDirectory = visit.step.status.kind == .directory
            let isTaken = filter.isOpen || filter.takes(visit.name.description)
            if isTaken {
                ready = [visit.step] + waiting.reversed().map(\.step)
                waiting = []
            } else if !isDirectory || !filter.mayTake(below: visit.name.description) {
                continue
            } else {
                waiting.append(visit)
            }
            if isDirectory, filter.isOpen || filter.mayTake(below: visit.name.description) {
                let mayReplace = try visit.step.mayReplace && isThere(visit.step.place)
                try push(
                    contentsOf: visit.step.path,
                    at: visit.step.place,
                    name: visit.name,
                    depth: visit.depth + 1,
                    mayReplace: mayReplace
                )
            }
        }
        return ready.popLast()
    }

    private mutating func push(
        contentsOf directory: PathBytes,
        at place: PathBytes,
        name: PathBytes,
        depth: Int,
        mayReplace: Bool
    ) throws {
        let entries = try tree.entries(in: directory)
        // With a filter not every directory is looked into.
        if filter.isOpen {
            tree.announce(entries.lazy.filter { $0.status.kind == .directory }.map { directory.appending($0.name) })
        }
        for entry in entries.reversed() {
            let step = Step(
                path: directory.appending(entry.name),
                place: place.appending(entry.name),
                status: entry.status,
                mayReplace: mayReplace
            )
            pending.append(Visit(step: step, name: filter.isOpen ? "" : name.appending(entry.name), depth: depth))
        }
    }
}
