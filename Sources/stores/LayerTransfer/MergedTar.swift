package import ByteStreams
package import LinuxSystem
import SystemPackage
import TarFormat

/// Writes layered trees as archives, seen as overlayfs would show them.
///
/// The same layers give the same bytes: names in order, a directory before what it holds, nothing that isn't in the files.
/// Hard links stay hard links, extended attributes come along, sockets are left out.
package struct MergedTar: ~Copyable {
    private var packing: Packing

    /// An archive to `sink`; times later than `clamp` (seconds since 1970) become it.
    package init(to sink: any ByteSink, clamp: Int64? = nil) {
        packing = Packing(sink, clamp: clamp, isInLower: nil)
    }

    /// Adds a whole file system, without marks; below `folder`, where one is named.
    package mutating func add(_ tree: LayeredTree, folder: String? = nil) throws(LayerError) {
        packing.beginTree()
        let prefix = folder.map { Array($0.utf8) } ?? []
        if !prefix.isEmpty { try packing.addDirectory(prefix) }
        var walk = LayeredWalk(tree)
        while let step = try Self.next(&walk) {
            let path = prefix.isEmpty ? step.path.bytes : prefix + [UInt8(ascii: "/")] + step.path.bytes
            try packing.add(step.name, path: path, in: step.holder.directory, isOpaque: false)
        }
    }

    /// Adds some layers as one: what they hide of `base` is marked, and nothing else is.
    package mutating func add(_ layers: LayeredTree, above base: LayeredTree?) throws(LayerError) {
        var walk = LayeredWalk(layers, keepsMarks: true)
        while let step = try Self.next(&walk) {
            let isMark = step.status.isWhiteout
            let below = isMark || step.isOpaque ? try Self.status(step.path, in: base) : nil
            if isMark, below == nil { continue }
            let isOpaque = step.isOpaque && below?.kind == .directory
            try packing.add(step.name, path: step.path.bytes, in: step.holder.directory, isOpaque: isOpaque)
        }
    }

    /// Ends the archive; what it holds.
    package consuming func finish() throws(LayerError) -> LayerUsage { try packing.finish() }

    private static func next(_ walk: inout LayeredWalk) throws(LayerError) -> LayeredWalk.Step? {
        do throws(SystemError) { return try walk.next() } catch { throw LayerError(.system(error)) }
    }

    /// What stands at a path, no link of the way followed in a way that a layer's wouldn't be.
    private static func status(_ path: PathBytes, in tree: LayeredTree?) throws(LayerError) -> FileStatus? {
        try LayerDiff.system(path.bytes) { () throws(SystemError) in
            do throws(SystemError) { return try tree?.resolve(path, followLast: false).status } catch
                where error.errno == .notDirectory
            { return nil }
        }
    }
}
