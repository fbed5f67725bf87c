private import Glibc
import LinuxSystem
import SystemPackage

/// The files of a log in their places: `NAME` is written to, `NAME.1` came before it, and so on; a file that is compressed has
/// `.gz` behind its place.
///
/// The moves from place to place and the exchange of a file for its compressed form exclude each other.
final class LogArchive: Sendable {
    private let folder: Directory
    private let name: String
    private let files: Int
    /// The last place that has ever been taken.
    private let last: Guarded<Int>

    init(_ name: String, files: Int, in folder: borrowing Directory) throws(SystemError) {
        self.folder = try folder.reopened()
        self.name = name
        self.files = max(files, 1)
        last = Guarded(try Self.lastPlace(of: name, in: folder))
    }

    static func plain(_ name: String, _ place: Int) -> PathBytes { PathBytes(place == 0 ? name : "\(name).\(place)") }
    static func packed(_ name: String, _ place: Int) -> PathBytes { PathBytes("\(name).\(place).gz") }
    private var unfinished: PathBytes { PathBytes("\(name).gz.unfinished") }

    /// The highest number behind a name in the folder; 0 where there is none.
    static func lastPlace(of name: String, in folder: borrowing Directory) throws(SystemError) -> Int {
        try folder.names().compactMap { bytes -> Int? in
            var text = String(decoding: bytes, as: UTF8.self)[...]
            guard text.hasPrefix(name + ".") else { return nil }
            text = text.dropFirst(name.count + 1)
            if text.hasSuffix(".gz") { text.removeLast(3) }
            return Int(text)
        }.max() ?? 0
    }

    /// Removes what a killed monitor left unfinished.
    func tidy() {
        last.update { last in
            try? folder.remove(unfinished)
            // Of a file and its compressed form, the file is whole for sure.
            for place in stride(from: 1, through: last, by: 1) {
                guard let status = try? folder.status(Self.plain(name, place)), status.kind == .file else { continue }
                try? folder.remove(Self.packed(name, place))
            }
        }
    }

    /// Moves every file to the next place, and begins a new one; nil where that can't be.
    func shift() -> OwnedDescriptor? {
        last.update { last in
            last = min(last + 1, files - 1)
            if files == 1 {
                try? folder.remove(Self.plain(name, 0))
            } else {
                try? folder.remove(Self.plain(name, last))
                try? folder.remove(Self.packed(name, last))
                for place in (0..<last).reversed() {
                    // Some aren't there.
                    try? folder.rename(Self.plain(name, place), to: Self.plain(name, place + 1))
                    if place > 0 { try? folder.rename(Self.packed(name, place), to: Self.packed(name, place + 1)) }
                }
            }
        }
        return try? folder.open(Self.plain(name, 0), flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o640)
    }

    /// The newest file that isn't compressed and isn't written to or followed any more, locked against those who would follow it.
    func takePlain(except given: Set<FileStatus.Identity>) -> FileLock? {
        for place in stride(from: 1, through: last.update { $0 }, by: 1) {
            // Whatever moves meanwhile: behind the first place, all files are full.
            guard let file = try? folder.open(Self.plain(name, place), flags: O_RDONLY | O_NONBLOCK | O_NOFOLLOW),
                let status = try? FileStatus(of: file.raw), status.kind == .file, !given.contains(status.identity)
            else { continue }
            do throws(SystemError) {
                if let lock = try FileLock.attempt(file, .exclusive) { return lock }
            } catch { continue }
        }
        return nil
    }

    /// A new file for the compressed form.
    func beginPacked() throws(SystemError) -> OwnedDescriptor {
        try? folder.remove(unfinished)
        return try folder.open(unfinished, flags: O_RDWR | O_CREAT | O_EXCL | O_APPEND, mode: 0o640)
    }

    func dropPacked() { try? folder.remove(unfinished) }

    /// Puts the compressed form into the place of a file, wherever that is by now; one that is gone needs none.
    func exchange(_ identity: FileStatus.Identity) {
        last.update { last in
            for place in stride(from: 1, through: last, by: 1)
            where (try? folder.status(Self.plain(name, place)))?.identity == identity {
                // In this order, one of both is always there.
                guard (try? folder.rename(unfinished, to: Self.packed(name, place))) != nil else { break }
                try? folder.remove(Self.plain(name, place))
                return
            }
            dropPacked()
        }
    }
}
