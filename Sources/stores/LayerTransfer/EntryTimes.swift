import LinuxSystem
import TarFormat

/// The times that a file gets. An archive mostly has no access time: then it is the modification time.
struct EntryTimes {
    var accessed: FileTime
    var modified: FileTime

    init(accessed: FileTime, modified: FileTime) {
        self.accessed = accessed
        self.modified = modified
    }

    init(_ entry: TarEntry) {
        modified = FileTime(entry.modified)
        accessed = entry.accessed.map { FileTime($0) } ?? modified
    }
}

extension FileTime {
    init(_ time: TarTime) { self.init(seconds: time.seconds, nanoseconds: time.nanoseconds) }
}
