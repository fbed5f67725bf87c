private import LinuxSystem
package import SystemPackage

/// A program that `exec` started in a container: `execs/<id>` in the container's folder says which process it is.
///
/// Whoever waits for the program removes the record. The process is looked for whenever somebody asks, so that what a killed
/// command leaves says nothing wrong.
package enum ExecRecord {
    private static let folder = "execs"

    /// Writes down that a program runs. Without the record nobody else sees it, and nothing else is different.
    package static func add(_ id: String, pid: Int32, in container: FilePath) {
        guard let process = ProcessStamp.of(pid),
            let folder = try? Directory.open(container.appending(folder), create: true)
        else { return }
        // Every `exec` writes one: plain words are quicker than a document.
        try? folder.addDocument(PathBytes(id), Array("\(process.pid) \(process.start) \(process.boot)".utf8))
    }

    package static func remove(_ id: String, in container: FilePath) {
        try? Directory.open(container.appending(folder)).remove(PathBytes(id))
    }

    /// The ids of those that run, in their order.
    package static func running(in container: FilePath) -> [String] {
        guard let folder = try? Directory.open(container.appending(folder)), let names = try? folder.names() else { return [] }
        return names.map { String(decoding: $0, as: UTF8.self) }.sorted().filter { name in
            // One that is being written can't be read yet.
            guard let process = (try? folder.document(PathBytes(name), limit: 256)).flatMap(process) else { return false }
            if process.isAlive { return true }
            try? folder.remove(PathBytes(name))
            return false
        }
    }

    /// Nothing is removed because of a record of which the end is missing: the name of the boot has a fixed length.
    private static func process(_ bytes: [UInt8]) -> ProcessStamp? {
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 3, words[2].utf8.count == 36, let pid = Int32(words[0]), let start = UInt64(words[1]) else { return nil }
        return ProcessStamp(pid: pid, start: start, boot: words[2])
    }
}
