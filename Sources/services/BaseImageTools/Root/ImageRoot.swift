import ELFFormat
package import LinuxSystem
package import SystemPackage

/// A root file system as a program in it would see it: the merged layers of an image, or a directory.
///
/// Nothing outside is ever opened, and nothing is executed. What was looked at once is remembered, so the file system
/// must not change meanwhile. Used by one thread.
package final class ImageRoot {
    /// What stands at a path.
    package struct Entry: Sendable, Hashable {
        /// The path without links; it begins with `/`.
        package var path: PathBytes
        package var kind: FileStatus.Kind
        /// The permission bits.
        package var mode: UInt32
        package var uid: UInt32
        package var gid: UInt32
        package var size: Int64
    }

    private let trees: LayeredTree?
    private let members: TarMembers?
    /// By their own path, links not followed.
    private var known: [PathBytes: Entry?] = [:]
    /// By any path, links followed.
    private var found: [PathBytes: Entry?] = [:]
    private var files: [PathBytes: Result<ELFFile, ELFError>] = [:]

    /// Unpacked layers, the topmost first.
    package init(trees: [FilePath]) throws(SystemError) {
        self.trees = trees.isEmpty ? nil : try LayeredTree(lowers: trees)
        members = nil
    }

    /// Layers that lie as tars on unpacked ones.
    init(_ members: TarMembers, on trees: [FilePath]) throws(SystemError) {
        self.trees = trees.isEmpty ? nil : try LayeredTree(lowers: trees)
        self.members = members
    }

    // MARK: - Looking

    /// What a path leads to, links followed; nil where it leads to nothing.
    package func find(_ path: PathBytes) throws(SystemError) -> Entry? {
        if let known = found[path] { return known }
        let entry: Entry?
        do throws(SystemError) { entry = try walk(path) } catch {
            switch error.errno {
            case .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels, .fileNameTooLong, .invalidArgument:
                entry = nil
            default: throw error
            }
        }
        found[path] = .some(entry)
        return entry
    }

    /// What stands at a path itself; the way to it is followed.
    package func entry(at path: PathBytes) throws(SystemError) -> Entry? {
        guard let (parent, name) = path.splitAtLast, !name.bytes.isEmpty else { return try find(path) }
        guard let folder = try find(parent), folder.kind == .directory else { return nil }
        return try look(folder.path.below(name))
    }

    /// Whether a path leads to a directory.
    package func isDirectory(_ path: PathBytes) throws(SystemError) -> Bool { try find(path)?.kind == .directory }

    /// A regular file's bytes; nil where there is none, or one that is larger than `limit`.
    package func contents(_ path: PathBytes, limit: Int) throws(SystemError) -> [UInt8]? {
        guard let entry = try find(path), entry.size <= Int64(limit), let file = try open(entry) else { return nil }
        return try read(file, path, count: limit)
    }

    /// The first bytes of a file.
    package func head(of entry: Entry, count: Int) throws(SystemError) -> [UInt8] {
        guard let file = try open(entry) else { return [] }
        return try read(file, entry.path, count: count)
    }

    private func read(_ file: FileBytes, _ path: PathBytes, count: Int) throws(SystemError) -> [UInt8] {
        do throws(ELFError) { return try file.bytes(at: 0, count: count) } catch {
            throw SystemError("read", path.description, .ioError)
        }
    }

    /// Opens a regular file; nil for anything else.
    package func open(_ entry: Entry) throws(SystemError) -> FileBytes? {
        guard entry.kind == .file else { return nil }
        if case .member(let member)? = members?.look(entry.path) { return members?.bytes(of: member) }
        guard let file = try trees?.open(entry.path) else { return nil }
        return FileBytes(SharedDescriptor(file), count: entry.size)
    }

    /// A file as a program or library.
    func program(_ entry: Entry) throws(SystemError) -> Result<ELFFile, ELFError> {
        if let known = files[entry.path] { return known }
        guard let file = try open(entry) else { return .failure(ELFError(.notELF)) }
        return remember(file, as: entry.path)
    }

    private func remember(_ file: FileBytes, as path: PathBytes) -> Result<ELFFile, ELFError> {
        let result = Result { () throws(ELFError) in try ELFFile(file) }
        files[path] = result
        return result
    }

    /// The names in a directory, sorted; none where there is no directory.
    package func names(in path: PathBytes) throws(SystemError) -> [PathBytes] {
        guard let folder = try find(path), folder.kind == .directory else { return [] }
        var names = Set(members?.names(in: folder.path) ?? [])
        if members?.hidesTrees(folder.path) != true, let trees, let below = try? trees.names(folder.path) {
            for name in below where try look(folder.path.below(name)) != nil { names.insert(name) }
        }
        return names.sorted()
    }

    /// Whether a file gives its program capabilities.
    package func hasCapabilities(_ entry: Entry) throws(SystemError) -> Bool {
        if case .member(let member)? = members?.look(entry.path) { return member.hasCapabilities }
        return try trees?.attributes(entry.path)["security.capability"] != nil
    }

    // MARK: - Everything

    /// What is in a file, as far as a check cares.
    enum Content {
        case program(ELFFile)
        /// The first bytes of a file that begins with `#!`.
        case script([UInt8])
    }

    /// Directories deeper than any honest one aren't entered.
    private static let depthLimit = 200

    /// Calls `body` with every program, library and script of the unpacked layers.
    func forEachProgram(_ body: (Entry, Content) throws -> Void) throws {
        guard let trees else { return }
        var pending: [PathBytes] = ["/"]
        var programs: [(Entry, Content)] = []
        while let folder = pending.popLast() {
            try trees.forEachEntry(in: folder) { (name, status, open) throws(SystemError) in
                let entry = Entry(status, at: folder.below(name))
                known[entry.path] = .some(entry)
                switch entry.kind {
                case .directory where entry.path.components.count < Self.depthLimit: pending.append(entry.path)
                case .file where entry.size > 2:
                    if let content = try content(of: entry, open) { programs.append((entry, content)) }
                default: break
                }
            }
            // Not before the folder's handles are closed.
            for (entry, content) in programs { try body(entry, content) }
            programs.removeAll(keepingCapacity: true)
        }
    }

    private func content(
        of entry: Entry,
        _ open: () throws(SystemError) -> OwnedDescriptor
    ) throws(SystemError) -> Content? {
        let file = FileBytes(SharedDescriptor(try open()), count: entry.size)
        let head = try read(file, entry.path, count: entry.mode & 0o111 != 0 ? ScriptLine.readSize : 4)
        if head.starts(with: [0x7f, 0x45, 0x4c, 0x46]) {
            // What can't be read is told where somebody needs it.
            guard case .success(let program) = remember(file, as: entry.path) else { return nil }
            return .program(program)
        }
        return head.starts(with: [0x23, 0x21]) && entry.mode & 0o111 != 0 ? .script(head) : nil
    }

    // MARK: - Walking

    private func walk(_ path: PathBytes) throws(SystemError) -> Entry? {
        var place: PathBytes = "/"
        guard var entry = try look(place) else { return nil }
        var steps = Array(path.components.reversed())
        var links = 0
        while let step = steps.popLast() {
            guard entry.kind == .directory else { return nil }
            let next = step == ".." ? place.parent : place.below(step)
            guard let there = try look(next) else { return nil }
            if there.kind == .symbolicLink {
                links += 1
                if links > 40 { return nil }
                let target = PathBytes(try readLink(next))
                if target.bytes.first == UInt8(ascii: "/") {
                    place = "/"
                    guard let top = try look(place) else { return nil }
                    entry = top
                }
                steps.append(contentsOf: target.components.reversed())
            } else {
                (place, entry) = (next, there)
            }
        }
        return entry
    }

    /// What stands at a path without links in it.
    private func look(_ path: PathBytes) throws(SystemError) -> Entry? {
        if let entry = known[path] { return entry }
        let entry = try lookAfresh(path)
        known[path] = .some(entry)
        return entry
    }

    private func lookAfresh(_ path: PathBytes) throws(SystemError) -> Entry? {
        let place = members?.look(path) ?? .below
        switch place {
        case .member(let member): return Entry(member, at: path)
        case .hidden: return nil
        case .below, .implied: break
        }
        if let trees {
            let resolved = try trees.resolve(path, followLast: false)
            // Where a link led elsewhere, a layer above has a directory in the link's place.
            if let status = resolved.status, resolved.path == path { return Entry(status, at: path) }
        }
        if case .implied = place { return Entry(directoryAt: path) }
        return path == "/" ? Entry(directoryAt: path) : nil
    }

    private func readLink(_ path: PathBytes) throws(SystemError) -> [UInt8] {
        if case .member(let member)? = members?.look(path) { return member.target }
        guard let trees else { throw SystemError("readlink", path.description, .noSuchFileOrDirectory) }
        return try trees.readLink(path)
    }
}

extension ImageRoot.Entry {
    init(_ status: FileStatus, at path: PathBytes) {
        self.init(
            path: path,
            kind: status.kind,
            mode: status.permissions,
            uid: status.uid,
            gid: status.gid,
            size: status.size
        )
    }

    init(_ member: TarMembers.Member, at path: PathBytes) {
        self.init(
            path: path,
            kind: member.kind,
            mode: member.mode,
            uid: member.uid,
            gid: member.gid,
            size: member.size
        )
    }

    init(directoryAt path: PathBytes) {
        self.init(path: path, kind: .directory, mode: 0o755, uid: 0, gid: 0, size: 0)
    }
}

extension PathBytes {
    /// `name` in this directory, which begins with `/`.
    func below(_ name: PathBytes) -> PathBytes {
        bytes.count == 1 ? PathBytes(bytes + name.bytes) : PathBytes(bytes + [UInt8(ascii: "/")] + name.bytes)
    }

    /// The directory that holds this path without links; the top's is the top.
    var parent: PathBytes {
        guard let cut = bytes.lastIndex(of: UInt8(ascii: "/")), cut > 0 else { return "/" }
        return PathBytes(bytes[..<cut])
    }
}
