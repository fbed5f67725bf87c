package import ByteStreams
package import LinuxSystem
import TarFormat

/// Makes a layer of what an overlay mount left in its upper directory.
///
/// The same tree gives the same bytes: names sorted bytewise, nothing that isn't in the files themselves. Whiteouts become
/// `.wh.name`, opaque directories get `.wh..wh..opq`, a file's later names become hard links, sockets are left out.
package enum LayerDiff {
    /// Asks whether the layers below have a directory at a path. The kernel marks new directories as opaque too; the mark
    /// only means something where there is one below.
    package typealias IsInLower = (_ path: PathBytes) throws(SystemError) -> Bool

    /// Writes the layer to `sink`. Times later than `clamp` (seconds) become it. `excluding` has paths relative to the
    /// directory that are left out, with everything below them.
    package static func write(
        upper: borrowing Directory,
        to sink: any ByteSink,
        clamp: Int64? = nil,
        excluding: Set<[UInt8]> = [],
        isInLower: IsInLower? = nil
    ) throws(LayerError) -> LayerUsage {
        var packing = Packing(sink, clamp: clamp, isInLower: isInLower)
        try Walk().walk(upper) { (name, path, directory) throws(LayerError) in
            if excluding.contains(path) { return false }
            return try packing.add(name, path: path, in: directory)
        }
        return try packing.finish()
    }

    /// Gives everything in the directory that is later than `clamp` (seconds) that time, as `write` does in the layer: then it
    /// is what unpacking the layer would give.
    package static func clampTimes(of upper: borrowing Directory, to clamp: Int64) throws(LayerError) {
        try Walk().walk(upper) { (name, path, directory) throws(LayerError) in
            try system(path) { () throws(SystemError) in
                guard let status = try directory.status(name) else { return false }
                if status.modified.seconds >= clamp {
                    try directory.setTimes(name, accessed: nil, modified: FileTime(seconds: clamp))
                }
                return status.kind == .directory
            }
        }
    }

    /// Runs calls that are about a path.
    static func system<Result>(
        _ path: [UInt8],
        _ body: () throws(SystemError) -> Result
    ) throws(LayerError) -> Result {
        do throws(SystemError) { return try body() } catch {
            throw LayerError(.system(error), path: path.isEmpty ? nil : TarPath(bytes: path))
        }
    }
}
