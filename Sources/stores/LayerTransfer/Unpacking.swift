import LinuxSystem
import SystemPackage
import TarFormat

/// One archive on its way into a directory: what is open, and what has to be done at the end.
struct Unpacking {
    let entries: EntrySequence
    let whiteouts: LayerApplier.Whiteouts
    let lowerStatus: LayerApplier.LowerStatus?
    var path: OpenPath
    /// Where the last hard link's target was. Anything that is replaced may make it stale.
    var linkPath: OpenPath
    var finishes = DirectoryFinishes()
    /// The names that came from this archive, with the directories above them; only kept where names are removed.
    var unpacked: Set<[UInt8]> = []
    /// Whether files get the owners that the archive names; else they are the caller's.
    var keepsOwners = true
    /// Who they are where the root is shown with other owners.
    var owners: MappedOwners?
    /// Whether a directory may take the place of something else, and the other way round.
    var replacesKinds = true
    /// The root, and the folder in which the archive is unpacked, for people.
    var shownRoot = ""
    var shownFolder = ""
    let body = DescriptorSink()

    init(
        root: OpenDirectory,
        entries: EntrySequence,
        whiteouts: LayerApplier.Whiteouts,
        lowerStatus: LayerApplier.LowerStatus?
    ) {
        self.entries = entries
        self.whiteouts = whiteouts
        self.lowerStatus = lowerStatus
        path = OpenPath(root: root)
        linkPath = OpenPath(root: root)
        finishes.isPlain = whiteouts == .none
    }

    /// Does what one entry asks for.
    mutating func take(_ entry: TarEntry, _ name: LayerName) throws(LayerError) {
        var conflict: LayerError?
        do throws(SystemError) {
            if name.role == .ignored { return }
            if name.role == .root { return try takeRoot(entry) }
            let parent = try openParent(of: name, for: entry)
            if !replacesKinds { conflict = try self.conflict(of: entry, name, in: parent.directory) }
            if conflict != nil { throw SystemError("replace", name.path.description, .fileExists) }
            switch name.role {
            case .root, .ignored: break
            case .opaque: try hideAll(in: parent.directory, name)
            case .whiteout: try hide(name, in: parent.directory)
            case .entry:
                if whiteouts == .remove { remember(name) }
                try checkOwner(of: entry)
                try make(entry, name, in: parent)
            }
        } catch { throw conflict ?? LayerError(.system(error), path: entry.path) }
        // The bytes come from the archive, whose errors are not the system's.
        if let error = body.takeArchiveError() { throw LayerError(.archive(error), path: entry.path) }
    }

    /// Sets what must come last: times and narrow modes of directories.
    mutating func finish() throws(LayerError) { try finishes.apply(below: path.root) }

    /// What is wrong where a directory would take the place of something else, or the other way round.
    private func conflict(
        of entry: TarEntry,
        _ name: LayerName,
        in parent: borrowing Directory
    ) throws(SystemError) -> LayerError? {
        guard let there = try parent.status(PathBytes(name.last)) else { return nil }
        let isDirectory = entry.kind == .directory
        if (there.kind == .directory) == isDirectory { return nil }
        let (old, new) = isDirectory ? ("non-directory", "directory") : ("directory", "non-directory")
        let place = "\(shownRoot)/\(TarPath(bytes: name.normalized))"
        return LayerError(.unsupported("cannot overwrite \(old) \"\(place)\" with \(new) \"\(shownFolder)\""))
    }

    private mutating func takeRoot(_ entry: TarEntry) throws(SystemError) {
        let raw = path.root.directory.descriptor.raw
        try setAttributes(of: raw, entry, mode: entry.mode | 0o700)
        try finishes.add([], raw, mode: entry.mode, times: EntryTimes(entry))
    }

    // MARK: - Kinds

    private mutating func make(_ entry: TarEntry, _ name: LayerName, in parent: OpenDirectory) throws(SystemError) {
        let last = PathBytes(name.last)
        switch entry.kind {
        case .file: try makeFile(entry, last, in: parent.directory)
        case .directory: try makeDirectory(entry, name, last, in: parent)
        case .hardLink(let target): try makeLink(to: target, as: last, in: parent.directory)
        case .symbolicLink(let target):
            let target = PathBytes(target.bytes)
            try replacing(last, in: parent.directory) { (directory) throws(SystemError) in
                try directory.symlink(to: target, as: last)
            }
            try setAttributes(of: last, entry, in: parent.directory)
        case .fifo: try makeNode(last, type: 0o010000, (0, 0), entry, in: parent.directory)
        case .characterDevice(let major, let minor):
            try makeNode(last, type: 0o020000, (major, minor), entry, in: parent.directory)
        case .blockDevice(let major, let minor):
            try makeNode(last, type: 0o060000, (major, minor), entry, in: parent.directory)
        }
    }

    private mutating func makeNode(
        _ last: PathBytes,
        type: UInt32,
        _ device: (major: UInt32, minor: UInt32),
        _ entry: TarEntry,
        in parent: borrowing Directory
    ) throws(SystemError) {
        // In a user namespace the kernel refuses devices; a container there could not use them either.
        if whiteouts == .userOverlay, let value = DeviceStandIn.value(entry.kind) {
            try replacing(last, in: parent) { (directory) throws(SystemError) in
                let file = try directory.open(last, flags: Self.createFlags, mode: 0o600)
                try ExtendedAttributes.set(DeviceStandIn.attribute, to: value, of: file.raw)
            }
            return try setAttributes(of: last, entry, in: parent)
        }
        let device = FileStatus.Device(major: device.major, minor: device.minor)
        try replacing(last, in: parent) { (directory) throws(SystemError) in
            try directory.makeNode(last, mode: type | 0o600, device: device)
        }
        try setAttributes(of: last, entry, in: parent)
    }

    private mutating func makeDirectory(
        _ entry: TarEntry,
        _ name: LayerName,
        _ last: PathBytes,
        in parent: OpenDirectory
    ) throws(SystemError) {
        let made = try makeOrKeepDirectory(last, in: parent.directory)
        let raw = made.directory.descriptor.raw
        // Until all is in it we must be able to go in, whoever we are.
        try setAttributes(of: raw, entry, mode: entry.mode | 0o700)
        try finishes.add(name.normalized, raw, mode: entry.mode, times: EntryTimes(entry))
        path.enter(name, made)
    }

    private static let createFlags =
        FileDescriptor.AccessMode.writeOnly.rawValue | FileDescriptor.OpenOptions([.create, .exclusiveCreate]).rawValue

    private mutating func makeFile(
        _ entry: TarEntry,
        _ last: PathBytes,
        in parent: borrowing Directory
    ) throws(SystemError) {
        let file: OwnedDescriptor
        do throws(SystemError) { file = try parent.open(last, flags: Self.createFlags, mode: 0o600) } catch {
            guard error.errno == .fileExists else { throw error }
            try clear(last, in: parent)
            file = try parent.open(last, flags: Self.createFlags, mode: 0o600)
        }
        guard try body.write(entry, of: entries.reader, to: file.raw) else { return }
        // Writing clears set-id bits and capabilities, changing the owner does too: this order keeps them.
        try setAttributes(of: file.raw, entry, mode: entry.mode)
        let times = EntryTimes(entry)
        try FileAttributes.setTimes(file.raw, accessed: times.accessed, modified: times.modified)
    }

    /// The target's own name is not followed, nor does anything of the first name change: the entry with the bytes has
    /// said what the file is like.
    private mutating func makeLink(
        to target: TarPath,
        as last: PathBytes,
        in parent: borrowing Directory
    ) throws(SystemError) {
        let name: LayerName
        // Checked when the entry was read; this can't fail.
        do { name = try LayerName(target, isPlain: whiteouts == .none) } catch { throw SystemError("linkat", target.description, .invalidArgument) }
        let root = linkPath.root
        let holder = try linkPath.parent(of: name) { (above, count) throws(SystemError) in
            try Self.openChild(of: above, name, count, root: root)
        }
        let targetName = PathBytes(name.last)
        do throws(SystemError) { try holder.directory.link(targetName, as: last, in: parent) } catch {
            guard error.errno == .fileExists else {
                throw SystemError("link to", target.description, error.errno)
            }
            // A name that is linked to itself is there already, and must not be removed.
            let existing = try parent.status(last)?.identity
            if existing == (try holder.directory.status(targetName)?.identity) { return }
            try clear(last, in: parent)
            try holder.directory.link(targetName, as: last, in: parent)
        }
    }
}
