package import LinuxSystem
import SystemPackage

/// Several layers' indexes seen as one file system, as `LayeredTree` sees unpacked layers: names, links and directories, but
/// no files.
package final class IndexedTree: Sendable {
    /// What is known of a file's bytes.
    package enum Content: Sendable, Hashable {
        /// There is no file at the path.
        case nothing
        case bytes([UInt8])
        /// There is one, and its bytes aren't kept.
        case elsewhere
    }

    private enum Found {
        case nothing
        /// With the layers that it is merged of.
        case directory(LayerIndex.Attributes, layers: [Int])
        case link(PathBytes)
        case file([UInt8]?)
        case other
    }

    private let layers: [LayerIndex]

    /// None of the indexes is odd; the topmost layer first.
    package init(_ layers: [LayerIndex]) { self.layers = layers }

    // MARK: - Questions

    /// Follows a path as a process in the tree would, the last step too unless told not to; see `LayeredTree.resolve`.
    package func resolve(_ path: PathBytes, followLast: Bool) throws(SystemError) -> LayeredTree.Resolved {
        let (names, found) = try walk(path, followLast: followLast)
        let steps = names.map(\.bytes).joined(separator: [UInt8(ascii: "/")])
        return LayeredTree.Resolved(path: PathBytes([UInt8(ascii: "/")] + steps), status: Self.status(of: found))
    }

    /// The bytes of a file, links followed.
    package func content(of path: PathBytes) throws(SystemError) -> Content {
        switch try walk(path, followLast: true).found {
        case .nothing: .nothing
        case .file(let bytes?): .bytes(bytes)
        case .file(nil): .elsewhere
        case .directory, .link, .other: throw SystemError("open", path.description, .invalidArgument)
        }
    }

    /// The extended attributes of a directory; its last step isn't followed. None for anything else.
    package func attributes(_ path: PathBytes) throws(SystemError) -> [LayerIndex.Extended] {
        if case .directory(let attributes, _) = try walk(path, followLast: false).found { return attributes.extended }
        return []
    }

    private static func status(of found: Found) -> FileStatus? {
        switch found {
        case .nothing: nil
        case .directory(let attributes, _):
            FileStatus(
                .directory,
                permissions: attributes.mode,
                uid: attributes.uid,
                gid: attributes.gid,
                modified: attributes.modified
            )
        case .link: FileStatus(.symbolicLink, permissions: 0o777)
        case .file: FileStatus(.file, permissions: 0o644)
        case .other: FileStatus(.fifo, permissions: 0o644)
        }
    }

    // MARK: - Walking

    private func walk(_ path: PathBytes, followLast: Bool) throws(SystemError) -> (names: [PathBytes], found: Found) {
        let top = look(up: [], in: Array(layers.indices))
        var names: [PathBytes] = []
        var places = [top]
        var steps = Array(path.components.reversed())
        var links = 0
        while let step = steps.popLast() {
            if step == ".." {
                if names.popLast() != nil { places.removeLast() }
                continue
            }
            let found = try look(up: names + [step], below: places[places.count - 1], path)
            if case .link(let target) = found, followLast || !steps.isEmpty {
                links += 1
                if links > 40 { throw SystemError("resolve", path.description, .tooManySymbolicLinkLevels) }
                if target.bytes.first == UInt8(ascii: "/") { (names, places) = ([], [top]) }
                steps += target.components.reversed()
            } else {
                names.append(step)
                places.append(found)
            }
        }
        return (names, places[places.count - 1])
    }

    private func look(up names: [PathBytes], below parent: Found, _ path: PathBytes) throws(SystemError) -> Found {
        switch parent {
        case .nothing: .nothing
        case .directory(_, let layers):
            look(up: Array(names.map(\.bytes).joined(separator: [UInt8(ascii: "/")])), in: layers)
        case .link, .file, .other: throw SystemError("resolve", path.description, .notDirectory)
        }
    }

    private func look(up path: [UInt8], in candidates: [Int]) -> Found {
        var merged: [Int] = []
        var top: LayerIndex.Attributes?
        search: for layer in candidates {
            switch layers[layer].entry(at: path) {
            case nil:
                // Every layer has a top, whether it says so or not.
                if path.isEmpty { merged.append(layer) }
            case .directory(let attributes):
                // A directory that is only used looks like the one below.
                if top?.isImplied ?? true { top = attributes }
                merged.append(layer)
                if attributes.isOpaque { break search }
            case .whiteout: break search
            case .link(let target):
                if top == nil { return .link(target) }
                break search
            case .file(let content):
                if top == nil { return .file(content) }
                break search
            case .other:
                if top == nil { return .other }
                break search
            }
        }
        if path.isEmpty { top = top ?? LayerIndex.Attributes(mode: 0o755, modified: FileTime(seconds: 0)) }
        return top.map { .directory($0, layers: merged) } ?? .nothing
    }
}
