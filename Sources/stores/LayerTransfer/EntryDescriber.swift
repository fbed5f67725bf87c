import LinuxSystem
import SystemPackage
import TarFormat

/// Says of files what an archive says of them, and which of them are names of one file.
struct EntryDescriber {
    /// Times later than that (seconds since 1970) become it.
    let clamp: Int64?
    /// Whose files they are where they are shown with other owners.
    var owners: MappedOwners?
    /// The first names of files that have several.
    private var firstNames: [FileStatus.Identity: TarPath] = [:]

    init(clamp: Int64?) { self.clamp = clamp }

    /// Begins another file system: files that it shares with one before are new ones.
    mutating func beginTree() { firstNames = [:] }

    /// What has a name, and its attributes; nil where nothing has it.
    static func look(
        _ name: PathBytes,
        _ path: [UInt8],
        in directory: borrowing Directory
    ) throws(LayerError) -> (FileStatus?, [TarEntry.XAttr]) {
        do throws(SystemError) {
            guard let status = try directory.status(name) else { return (nil, []) }
            if status.isWhiteout { return (status, []) }
            var attributes: [TarEntry.XAttr] = []
            for attribute in try directory.attributeNames(of: name) {
                guard let value = try directory.attribute(attribute, of: name) else { continue }
                attributes.append(TarEntry.XAttr(name: attribute.bytes, value: value))
            }
            return (status, attributes)
        } catch { throw LayerError(.system(error), path: TarPath(bytes: path)) }
    }

    /// The entry of what was looked at; nil for sockets, which mean nothing without the process that listens.
    mutating func entry(
        _ status: FileStatus,
        _ attributes: [TarEntry.XAttr],
        _ name: PathBytes,
        _ path: TarPath,
        in directory: borrowing Directory
    ) throws(LayerError) -> TarEntry? {
        guard var kind = try kind(of: status, name, path, in: directory) else { return nil }
        let device = kind == .file ? DeviceStandIn.device(status, attributes) : nil
        if let device { kind = device }
        var entry = TarEntry(path, kind: kind, mode: status.permissions)
        entry.uid = owners?.inner(status.uid) ?? status.uid
        entry.gid = owners?.inner(status.gid) ?? status.gid
        entry.modified = time(status.modified)
        if case .hardLink = kind { return entry }
        entry.xattrs = attributes.filter {
            Self.mayGo($0.name) && (device == nil || PathBytes($0.name) != DeviceStandIn.attribute)
        }
        if kind == .file { entry.size = status.size }
        return entry
    }

    /// Opens the regular file that was looked at, where others may put something else in its place at any moment: nothing
    /// else is opened, a device or FIFO least of all.
    static func open(
        _ name: PathBytes,
        _ status: FileStatus,
        in directory: borrowing Directory
    ) throws(SystemError) -> OwnedDescriptor {
        let reference = try directory.reference(name)
        guard try FileStatus(of: reference.raw).identity == status.identity else {
            throw SystemError("open", name.description, .noSuchFileOrDirectory)
        }
        return try reference.reopenedForReading()
    }

    private mutating func kind(
        of status: FileStatus,
        _ name: PathBytes,
        _ path: TarPath,
        in directory: borrowing Directory
    ) throws(LayerError) -> TarEntry.Kind? {
        if status.kind == .directory { return .directory }
        if status.kind == .socket { return nil }
        if status.linkCount > 1 {
            if let first = firstNames[status.identity] { return .hardLink(first) }
            firstNames[status.identity] = path
        }
        let device = status.rawDevice
        switch status.kind {
        case .directory, .socket: return nil
        case .file: return .file
        case .fifo: return .fifo
        case .characterDevice: return .characterDevice(major: device.major, minor: device.minor)
        case .blockDevice: return .blockDevice(major: device.major, minor: device.minor)
        case .symbolicLink:
            do { return .symbolicLink(TarPath(bytes: try directory.readLink(name))) } catch {
                throw LayerError(.system(error), path: path)
            }
        }
    }

    /// What goes with the files: capabilities, access control lists, the user's own. Labels belong to the machine, the
    /// kernel's books to the mount.
    private static func mayGo(_ attribute: [UInt8]) -> Bool {
        if OverlayAttribute.isOne(attribute) { return false }
        return attribute.starts(with: "user.".utf8) || attribute.starts(with: "system.posix_acl_".utf8)
            || attribute.elementsEqual("security.capability".utf8)
    }

    private func time(_ time: FileTime) -> TarTime {
        if let clamp, time.seconds >= clamp { return TarTime(seconds: clamp) }
        return TarTime(seconds: time.seconds, nanoseconds: time.nanoseconds)
    }
}
