private import SystemPackage

/// The names of a layered tree as overlayfs would show them, each once, without mounting anything.
///
/// A directory's own names come in order, then what is below its directories: so a directory comes before what it holds,
/// and only one directory of the tree (with its part in every layer) is open at a time, however many layers there are.
package struct LayeredWalk {
    /// One name.
    package struct Step {
        /// Relative to the tree's root.
        package var path: PathBytes
        /// What stands there; with `keepsMarks` it may be a whiteout.
        package var status: FileStatus
        /// Whether a directory hides all that the layers below this tree have in it.
        package var isOpaque: Bool
        /// The directory of the topmost layer that has the name.
        package let holder: LayeredTree.Part
        package var name: PathBytes { path.splitAtLast?.name ?? path }
    }

    private struct Waiting {
        var path: PathBytes
        /// The layers that have a part of the directory, the topmost first.
        var layers: [Int]
    }

    private let roots: [LayeredTree.Part]
    private let keepsMarks: Bool
    private var waiting: [Waiting]
    /// The names of the current directory, the next one last.
    private var steps: [Step] = []

    /// A walk through all of `tree`. With `keepsMarks` whiteouts come too: for a tree that is a part of one.
    package init(_ tree: LayeredTree, keepsMarks: Bool = false) {
        roots = tree.root
        self.keepsMarks = keepsMarks
        waiting = roots.isEmpty ? [] : [Waiting(path: "", layers: Array(roots.indices))]
    }

    /// The next name; nil at the end.
    package mutating func next() throws(SystemError) -> Step? {
        while steps.isEmpty {
            guard let directory = waiting.popLast() else { return nil }
            try read(directory)
        }
        return steps.popLast()
    }

    /// What is known of a name while the layers are looked through, from the top down.
    private struct Found {
        var step: Step
        var layers: [Int]
        /// Whether lower layers may still add to the directory.
        var isOpen: Bool
    }

    private mutating func read(_ directory: Waiting) throws(SystemError) {
        var found: [PathBytes: Found] = [:]
        for layer in directory.layers {
            let part =
                directory.path.bytes.isEmpty
                ? roots[layer] : LayeredTree.Part(try roots[layer].directory.directory(directory.path))
            for entry in try part.directory.entries() {
                try Self.merge(entry.name, of: part, layer, below: directory.path, into: &found)
            }
        }
        let names = found.keys.sorted(by: >)
        for name in names {
            guard let known = found[name] else { continue }
            if known.step.status.kind == .directory {
                waiting.append(Waiting(path: known.step.path, layers: known.layers))
            }
            if keepsMarks || !LayeredTree.isWhiteout(known.step.status) { steps.append(known.step) }
        }
    }

    private static func merge(
        _ name: PathBytes,
        of part: LayeredTree.Part,
        _ layer: Int,
        below path: PathBytes,
        into found: inout [PathBytes: Found]
    ) throws(SystemError) {
        if let known = found[name], !known.isOpen { return }
        guard let status = try part.directory.status(name) else { return }
        let isDirectory = status.kind == .directory
        let isOpaque = isDirectory ? try Self.isOpaque(name, in: part.directory) : false
        guard found[name] != nil else {
            let whole = path.bytes.isEmpty ? name : PathBytes(path.bytes + [UInt8(ascii: "/")] + name.bytes)
            let step = Step(path: whole, status: status, isOpaque: isOpaque, holder: part)
            found[name] = Found(step: step, layers: isDirectory ? [layer] : [], isOpen: isDirectory && !isOpaque)
            return
        }
        if isDirectory { found[name]?.layers.append(layer) }
        // A file or a mark below a directory ends what is merged, and hides what is further down.
        if isOpaque || !isDirectory { found[name]?.step.isOpaque = true }
        found[name]?.isOpen = isDirectory && !isOpaque
    }

    private static func isOpaque(_ name: PathBytes, in directory: borrowing Directory) throws(SystemError) -> Bool {
        for attribute in LayeredTree.opaqueAttributes
        where try directory.attribute(attribute, of: name) == [UInt8(ascii: "y")] { return true }
        return false
    }
}
