import LinuxSystem
import Reporting

/// A tree without files: an empty context, or `scratch`. Its top is a directory.
final class EmptyTree: SourceTree {
    let name: String
    let belongsToRoot = true

    init(name: String) { self.name = name }

    func status(_ path: PathBytes) throws -> FileStatus? {
        path.bytes.isEmpty ? FileStatus(.directory, permissions: 0o755) : nil
    }

    func resolve(_ path: PathBytes) throws -> PathBytes? { path.clipped.bytes.isEmpty ? "" : nil }
    func names(in directory: PathBytes) throws -> [PathBytes] { [] }
    func readLink(_ path: PathBytes) throws -> PathBytes { throw absent(path) }
    func open(_ path: PathBytes) throws -> OwnedDescriptor { throw absent(path) }
    func attributes(_ path: PathBytes) throws -> [ExtendedAttribute] { [] }
    func reasonForAbsence(of path: PathBytes) -> String? { nil }

    private func absent(_ path: PathBytes) -> PlainFailure {
        PlainFailure(.notFound, "\"\(path)\" not found in \(name)")
    }
}
