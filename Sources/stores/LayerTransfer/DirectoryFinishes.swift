import LinuxSystem
import SystemPackage
import TarFormat

/// What directories get when everything is in them: their times, which each new name changes, and modes that would have
/// kept us out.
struct DirectoryFinishes {
    private struct Finish {
        var identity: FileStatus.Identity
        /// Only where it isn't what the directory has.
        var mode: UInt32?
        var times: EntryTimes
    }

    private var finishes: [[UInt8]: Finish] = [:]
    /// Whether names that begin with `.wh.` are only names.
    var isPlain = false

    /// Remembers what an open directory shall get; the last word on a path counts. It has `mode | 0o700` already.
    mutating func add(_ path: [UInt8], _ raw: CInt, mode: UInt32, times: EntryTimes) throws(SystemError) {
        finishes[path] = Finish(
            identity: try FileStatus(of: raw).identity,
            mode: mode & 0o700 == 0o700 ? nil : mode,
            times: times
        )
    }

    /// Does it, the deepest first. Directories that were replaced meanwhile are left alone.
    func apply(below root: OpenDirectory) throws(LayerError) {
        var open = OpenPath(root: root)
        for (path, finish) in finishes.sorted(by: { $1.key.lexicographicallyPrecedes($0.key) }) {
            let name = try LayerName(TarPath(bytes: path), isPlain: isPlain)
            do throws(SystemError) { try Self.apply(finish, to: name, &open) } catch {
                throw LayerError(.system(error), path: name.path)
            }
        }
    }

    private static func apply(_ finish: Finish, to name: LayerName, _ open: inout OpenPath) throws(SystemError) {
        let root = open.root
        if name.role == .root {
            let raw = root.directory.descriptor.raw
            if let mode = finish.mode { try FileAttributes.chmod(raw, mode) }
            return try FileAttributes.setTimes(
                raw,
                accessed: finish.times.accessed,
                modified: finish.times.modified
            )
        }
        let parent: OpenDirectory
        do throws(SystemError) {
            parent = try open.parent(of: name) { (above, count) throws(SystemError) in
                try Unpacking.openChild(of: above, name, count, root: root)
            }
        } catch {
            if [.noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels].contains(error.errno) { return }
            throw error
        }
        let last = PathBytes(name.last)
        guard try parent.directory.status(last)?.identity == finish.identity else { return }
        if let mode = finish.mode { try parent.directory.chmod(last, mode) }
        try parent.directory.setTimes(last, accessed: finish.times.accessed, modified: finish.times.modified)
    }
}
