private import Glibc
package import LinuxSystem
private import SystemPackage

/// Reads a journal from a moment on, and on as it grows.
package struct EventReader: ~Copyable {
    private let folder: Directory
    private let watch: FolderWatch
    private var files: [OpenFile] = []

    /// A file of the journal, read as far as it goes.
    private final class OpenFile {
        let descriptor: OwnedDescriptor
        let identity: FileStatus.Identity
        private var rest: [UInt8] = []

        init(_ descriptor: consuming OwnedDescriptor) throws(SystemError) {
            identity = try FileStatus(of: descriptor.raw).identity
            self.descriptor = descriptor
        }

        func skip() throws(SystemError) {
            let size = try FileStatus(of: descriptor.raw).size
            try DescriptorIO.seek(descriptor.raw, to: size)
        }

        /// The events that came since the last call.
        func next() throws(SystemError) -> [EventRecord] {
            var events: [EventRecord] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = try DescriptorIO.read(descriptor.raw, into: &buffer)
                if count == 0 { return events }
                var start = 0
                var looked = rest.count
                rest += buffer[..<count]
                while let end = rest[looked...].firstIndex(of: 0x0a) {
                    looked = end + 1
                    if let event = EventRecord(line: rest[start..<end]) { events.append(event) }
                    start = end + 1
                }
                rest.removeFirst(start)
            }
        }
    }

    /// - Parameter fromStart: whether what happened before counts.
    package init(_ journal: EventJournal, fromStart: Bool) throws(SystemError) {
        let folder = try journal.open()
        // Before anything is read, so that nothing is missed between.
        let watch = try FolderWatch(folder)
        let files = try Self.open(folder, besides: [])
        if !fromStart { for file in files { try file.skip() } }
        self.files = files
        self.folder = folder
        self.watch = watch
    }

    /// Opens what isn't open yet. A file that got another name is still written to by those who had it open.
    private static func open(_ folder: borrowing Directory, besides known: [OpenFile]) throws(SystemError) -> [OpenFile] {
        var files: [OpenFile] = []
        for name in [EventJournal.former, EventJournal.current] {
            let descriptor: OwnedDescriptor
            do throws(SystemError) { descriptor = try folder.open(name, flags: O_RDONLY) } catch {
                if error.errno == .noSuchFileOrDirectory { continue }
                throw error
            }
            let file = try OpenFile(descriptor)
            if !known.contains(where: { $0.identity == file.identity }) { files.append(file) }
        }
        return files
    }

    /// What happened since the last call, oldest first.
    package mutating func next() throws(SystemError) -> [EventRecord] {
        var events: [EventRecord] = []
        for file in files { events += try file.next() }
        let new = try Self.open(folder, besides: files)
        for file in new { events += try file.next() }
        files = (files + new).suffix(2)
        return events.sorted { $0.time < $1.time }
    }

    /// Waits until something may have happened, at most so long (-1: whenever).
    package func wait(milliseconds: Int32) { watch.wait(milliseconds: milliseconds) }
}
