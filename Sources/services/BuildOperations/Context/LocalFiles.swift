import DockerfileSyntax
import LinuxSystem

/// A directory of the host's and what of it is hidden: what a local context is made of.
final class LocalFiles: Sendable {
    let directory: Directory
    let ignored: IgnorePatterns

    init(_ directory: consuming Directory, ignored: IgnorePatterns) {
        self.directory = directory
        self.ignored = ignored
    }

    /// Everything in a directory that isn't hidden, sorted by name.
    func entries(in path: PathBytes) throws -> [SourceEntry] {
        let all = try with(path) { (folder) throws(SystemError) in try folder.statuses() }
        return all.compactMap { name, status in
            hides(path.appending(name), isDirectory: status.kind == .directory)
                ? nil : SourceEntry(name: name, status: status)
        }
    }

    /// The same without looking at what stands there.
    func names(in path: PathBytes) throws -> [PathBytes] {
        try with(path) { (folder) throws(SystemError) in try folder.entries() }
            .filter { !hides(path.appending($0.name), isDirectory: $0.kind == .directory) }
            .map(\.name).sorted()
    }

    /// An excluded directory is still there where a later pattern takes something below it back.
    func hides(_ path: PathBytes, isDirectory: Bool) -> Bool {
        if ignored.rules.isEmpty { return false }
        let text = path.description
        guard ignored.match(text).isIgnored else { return false }
        return !(isDirectory && ignored.mayReinclude(below: text))
    }

    private func with<Result>(
        _ path: PathBytes,
        _ body: (borrowing Directory) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        if path.bytes.isEmpty { return try body(directory) }
        return try body(directory.directory(path))
    }
}
