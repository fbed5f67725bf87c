import BuildDefinition
import LinuxSystem
import Reporting
import TarFormat

/// Turns COPY and ADD into the members of a layer.
struct CopyPlanner {
    var destination: Destination
    /// Nil: files belong to whom their tree says.
    var owner: Ownership?
    var plan = CopyPlan()
    /// The first member for each file that has several names.
    var linked: [FileStatus.Identity: TarPath] = [:]

    init(destination: Destination, owner: Ownership?) {
        self.destination = destination
        self.owner = owner
    }

    /// Where one action's sources go.
    struct Copy {
        var action: CopyAction
        var target: PathBytes
        var isDirectory: Bool
        /// What `--exclude` leaves of a source.
        var filter: CopyFilter

        func place(for name: PathBytes) -> PathBytes { isDirectory ? target.appending(name) : target }
    }

    /// - Parameter inputs: the trees of the vertex's inputs by position; nil is the empty file system.
    mutating func add(_ action: CopyAction, inputs: [(any SourceTree)?]) throws {
        let target = try destination.resolve(PathBytes(action.destination))
        let endsAsDirectory = action.destination.hasSuffix("/") || action.destination.hasSuffix("/.")
        let isDirectory = try endsAsDirectory || destination.isDirectory(target)
        let filter = try CopyFilter(excluded: action.exclude)
        var copy = Copy(action: action, target: target, isDirectory: isDirectory, filter: filter)
        for source in action.sources {
            switch source {
            case .inline(let name, let bytes):
                copy.isDirectory = copy.isDirectory || action.sources.count > 1
                try add(inline: bytes, named: name, copy)
            case .paths(let input, let texts):
                let tree = inputs[input] ?? EmptyTree(name: "scratch")
                if action.parents {
                    for text in texts { try add(withParents: text, of: tree, copy) }
                } else {
                    try add(texts, of: tree, &copy, isAlone: action.sources.count == 1)
                }
            }
        }
    }

    private mutating func add(
        _ texts: [String],
        of tree: any SourceTree,
        _ copy: inout Copy,
        isAlone: Bool
    ) throws {
        let selected = try texts.flatMap { text in
            let chosen = try SourceSelection(tree: tree).paths(for: text)
            // What a pattern chose can be excluded by its own name; what was asked for by name can't.
            return try chosen.isPattern ? chosen.paths.filter { try takes($0, of: tree, copy.filter) } : chosen.paths
        }
        copy.isDirectory = copy.isDirectory || selected.count > 1 || texts.count > 1 || !isAlone
        for path in selected { try add(path, of: tree, copy) }
    }

    private func takes(_ path: PathBytes, of tree: any SourceTree, _ filter: CopyFilter) throws -> Bool {
        let name = path.lastName.description
        if filter.isOpen || filter.takes(name) { return true }
        return try tree.status(path)?.kind == .directory && filter.mayTake(below: name)
    }

    private mutating func add(_ path: PathBytes, of tree: any SourceTree, _ copy: Copy) throws {
        guard let real = try tree.resolve(path), let status = try tree.status(real) else {
            throw PlainFailure(.notFound, "\"\(path)\" not found in \(tree.name)")
        }
        if status.kind == .directory {
            _ = try add(contentsOf: real, of: tree, copy, filter: copy.filter)
        } else if try isUnpacked(real, status, of: tree, copy.action) {
            try addDirectory(copy.target)
            var entry = TarEntry(TarPath(bytes: copy.target.bytes), kind: .directory, mode: 0o755)
            entry.size = status.size
            plan.add(entry, .archive(tree, real, status))
        } else {
            let place = copy.place(for: path.lastName)
            try destination.addParents(of: place, to: &plan)
            try add(
                SourceWalk.Step(path: real, place: place, status: status, mayReplace: true),
                of: tree,
                copy.action
            )
        }
    }

    /// `--parents`: what the source's pattern means, below the destination under its own path. What stands before `/./` is
    /// where those paths begin.
    private mutating func add(withParents text: String, of tree: any SourceTree, _ copy: Copy) throws {
        let pivot = SourcePivot(text)
        let selection = SourceSelection(tree: tree)
        var count = 0
        for top in try selection.paths(for: pivot.top).paths {
            guard let real = try tree.resolve(top), try tree.status(real)?.kind == .directory else { continue }
            let filter = try CopyFilter(wanted: pivot.pattern, excluded: copy.action.exclude)
            count += try add(contentsOf: real, of: tree, copy, filter: filter)
        }
        if count == 0, !pivot.isEverything { throw selection.absence(of: text, PathBytes(pivot.whole).clipped) }
    }

    mutating func addDirectory(_ path: PathBytes) throws {
        try destination.addParents(of: path, to: &plan)
        try destination.addDirectory(path, to: &plan)
    }

    /// A directory's contents, not the directory itself: an existing one at the target keeps its attributes. How many
    /// things there were.
    private mutating func add(
        contentsOf top: PathBytes,
        of tree: any SourceTree,
        _ copy: Copy,
        filter: CopyFilter
    ) throws -> Int {
        try addDirectory(copy.target)
        let destination = destination
        let isThere = try destination.below != nil && destination.isDirectory(copy.target)
        var walk = try SourceWalk(tree, from: top, to: copy.target, isThere: isThere, filter: filter)
        var count = 0
        while let step = try walk.next(isThere: { try destination.isDirectory($0) }) {
            try add(step, of: tree, copy.action)
            count += 1
        }
        return count
    }

    private mutating func add(inline bytes: [UInt8], named name: String, _ copy: Copy) throws {
        let place = copy.place(for: PathBytes(name))
        try destination.addParents(of: place, to: &plan)
        try requireReplaceable(place, mayReplace: true)
        let mode = copy.action.mode?.applied(to: 0o644, isDirectory: false) ?? 0o644
        var entry = TarEntry(TarPath(bytes: place.bytes), kind: .file, mode: mode, size: Int64(bytes.count))
        entry.modified = destination.made
        let owner = owner ?? .root
        (entry.uid, entry.gid) = (owner.uid, owner.gid)
        plan.add(entry, .inline(bytes))
    }
}

/// A source of `--parents`, at its `/./`.
struct SourcePivot {
    /// What comes before it; the top of the tree where there is none.
    var top: String
    /// What comes behind it, without `..`; what is kept of the path. Nil is everything.
    var pattern: String?
    /// Both together.
    var whole: String

    var isEverything: Bool { pattern == nil }

    init(_ text: String) {
        let cut = text.firstRange(of: "/./")
        top = cut.map { String(text[..<$0.lowerBound]) } ?? "/"
        if top.isEmpty { top = "/" }
        let kept = PathBytes(cut.map { String(text[$0.upperBound...]) } ?? text).clipped.description
        pattern = kept.isEmpty ? nil : kept
        whole = top + "/" + kept
    }
}
