package import ByteStreams
package import LinuxSystem
import SystemPackage
import TarFormat

/// What is copied: what has a name in an open directory, or the directory itself.
package struct TreeSource: ~Copyable {
    let holder: Directory
    let name: PathBytes
    package let status: FileStatus
    /// Whose files these are where they come from a container that has users of its own.
    package var owners: MappedOwners?

    /// What has a name; nil where nothing has it.
    package init?(_ name: PathBytes, in holder: consuming Directory) throws(SystemError) {
        guard let status = try holder.status(name) else { return nil }
        self.holder = holder
        self.name = name
        self.status = status
    }

    /// A directory itself.
    package init(_ directory: consuming Directory) throws(SystemError) {
        status = try directory.status()
        holder = directory
        name = "."
    }
}

/// Where copies go: into a folder below a root, which they never leave, whatever links are on the way.
package struct TreeTarget: ~Copyable {
    let root: OpenDirectory
    let folder: [UInt8]
    /// Whether files get the owners that they have where they come from; else they are the caller's.
    package var keepsOwners = true
    /// Whose files they become where the root is shown with other owners.
    package var owners: MappedOwners?
    /// The root and the folder, for people.
    package var shownRoot = ""
    package var shownFolder = ""

    /// - Parameter folder: below the root; it is there.
    package init(_ root: consuming Directory, folder: PathBytes = "") {
        self.root = OpenDirectory(root)
        self.folder = Array(folder.components.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
    }

    fileprivate func path(_ path: [UInt8]) -> [UInt8] { folder.isEmpty ? path : folder + [UInt8(ascii: "/")] + path }

    /// Has the thread make files as the root of those who own them, until `endMaking`.
    fileprivate func beginMaking() throws(LayerError) {
        guard let owners else { return }
        do throws(SystemError) { try FileIdentity.take(user: owners.first, group: owners.first) } catch {
            throw LayerError(.system(error))
        }
    }

    fileprivate func endMaking() { if owners != nil { FileIdentity.giveBack() } }

    fileprivate func unpacking(_ entries: EntrySequence) -> Unpacking {
        var unpacking = Unpacking(root: root, entries: entries, whiteouts: .none, lowerStatus: nil)
        unpacking.keepsOwners = keepsOwners
        unpacking.owners = owners
        unpacking.replacesKinds = false
        unpacking.shownRoot = shownRoot
        unpacking.shownFolder = shownFolder
        return unpacking
    }
}

/// Copies files and directories between file systems that others may change meanwhile, or from and to an archive.
///
/// Names are only names here: `.wh.` hides nothing. What is there stays, unless a file takes its place; a directory never
/// takes the place of something else.
package enum TreeTransfer {
    /// Whether a directory is entered that is on another file system than the one above it.
    package typealias Enters = (_ mounted: FileStatus) -> Bool

    /// Writes `source`, called `name`, as an archive.
    package static func pack(
        _ source: borrowing TreeSource,
        as name: PathBytes,
        to sink: any ByteSink,
        enters: @escaping Enters
    ) throws(LayerError) -> LayerUsage {
        var packing = Packing(sink, clamp: nil, isInLower: nil, isLayer: false)
        packing.entries.owners = source.owners
        try visit(source, as: name, enters) { (name, path, directory) throws(LayerError) in
            try packing.add(name, path: path, in: directory)
        }
        return try packing.finish()
    }

    /// Copies `source` as `name`; an empty name is the target folder itself, which keeps what it is.
    package static func copy(
        _ source: borrowing TreeSource,
        as name: PathBytes,
        into target: borrowing TreeTarget,
        enters: @escaping Enters
    ) throws(LayerError) -> LayerUsage {
        try target.beginMaking()
        defer { target.endMaking() }
        var unpacking = target.unpacking(EntrySequence(MemorySource([]), limits: .standard, isPlain: true))
        var describer = EntryDescriber(clamp: nil)
        describer.owners = source.owners
        var usage = LayerUsage()
        let isFolderItself = name.bytes.isEmpty
        var isFirst = true
        // Borrowed values can't be used in the closure; these can.
        let folder = target.path([])
        try visit(source, as: name, enters) { (name, path, directory) throws(LayerError) in
            defer { isFirst = false }
            if isFirst, isFolderItself { return true }
            let (status, attributes) = try EntryDescriber.look(name, path, in: directory)
            guard let status else { return false }
            let full = TarPath(bytes: folder + path)
            guard let entry = try describer.entry(status, attributes, name, full, in: directory) else { return false }
            usage.count(entry)
            try add(entry, name, status, in: directory, to: &unpacking)
            return entry.kind == .directory
        }
        try unpacking.finish()
        return usage
    }

    private static func add(
        _ entry: TarEntry,
        _ name: PathBytes,
        _ status: FileStatus,
        in directory: borrowing Directory,
        to unpacking: inout Unpacking
    ) throws(LayerError) {
        let place = try LayerName(entry.path, isPlain: true)
        guard entry.kind == .file else { return try unpacking.take(entry, place) }
        let file: OwnedDescriptor
        do { file = try EntryDescriber.open(name, status, in: directory) } catch {
            throw LayerError(.system(error), path: entry.path)
        }
        unpacking.body.original = file.raw
        try unpacking.take(entry, place)
        _ = consume file
    }

    /// Unpacks an archive into the target folder, and reads it to its end.
    package static func unpack(
        _ archive: any ByteSource,
        into target: borrowing TreeTarget
    ) throws(LayerError) -> LayerUsage {
        try target.beginMaking()
        defer { target.endMaking() }
        let entries = EntrySequence(archive, limits: .standard, isPlain: true)
        var unpacking = target.unpacking(entries)
        while let (given, name) = try entries.next() {
            if name.role == .root { continue }
            var entry = given
            entry.path = TarPath(bytes: target.path(given.path.bytes))
            if case .hardLink(let first) = given.kind {
                entry.kind = .hardLink(TarPath(bytes: target.path(first.bytes)))
            }
            try unpacking.take(entry, try LayerName(entry.path, isPlain: true))
        }
        try unpacking.finish()
        return entries.usage
    }

    // MARK: - The walk

    /// Visits the source and all that is below it, in bytewise order; where the visit says true, it goes into a directory.
    private static func visit(
        _ source: borrowing TreeSource,
        as name: PathBytes,
        _ enters: @escaping Enters,
        _ body: (PathBytes, [UInt8], borrowing Directory) throws(LayerError) -> Bool
    ) throws(LayerError) {
        let top = name.bytes.isEmpty ? [UInt8(ascii: "/")] : name.bytes
        guard try body(source.name, top, source.holder) else { return }
        let prefix = name.bytes + [UInt8(ascii: "/")]
        let folder: Directory
        do {
            folder = source.name == "." ? try source.holder.reopened() : try source.holder.directory(source.name)
        } catch { throw LayerError(.system(error), path: TarPath(bytes: top)) }
        let walk = LayerDiff.Walk(crossesMounts: true, mayEnter: enters)
        try walk.walk(folder) { (name, path, directory) throws(LayerError) in
            try body(name, prefix + path, directory)
        }
    }
}
