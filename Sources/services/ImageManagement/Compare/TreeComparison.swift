import ByteStreams
import LinuxSystem

/// Compares two file systems name by name.
///
/// A file that both have from the same layer is the same file on disk, and is not read. Others of one size are compared byte
/// by byte, on several threads.
struct TreeComparison: Sendable {
    private let first: LayeredTree
    private let second: LayeredTree
    private let options: DiffOptions

    init(_ first: LayeredTree, _ second: LayeredTree, _ options: DiffOptions) {
        self.first = first
        self.second = second
        self.options = options
    }

    /// What a tree has under a name.
    private struct Found {
        var facts: ImageDiff.FileFacts
        var attributes: [PathBytes: [UInt8]]
        var identity: FileStatus.Identity
    }

    /// By path.
    func changes() throws -> [ImageDiff.FileChange] {
        var before = try Self.list(first)
        var changes: [ImageDiff.FileChange] = []
        var alike: [(path: PathBytes, facts: ImageDiff.FileFacts)] = []
        for (path, after) in try Self.list(second) {
            guard let known = before.removeValue(forKey: path) else {
                changes.append(ImageDiff.FileChange(path: path, before: nil, after: after.facts))
                continue
            }
            // A directory of one layer may have other names in it and is the same nevertheless.
            if known.identity == after.identity { continue }
            if comparable(known.facts) != comparable(after.facts) || known.attributes != after.attributes {
                changes.append(ImageDiff.FileChange(path: path, before: known.facts, after: after.facts))
            } else if after.facts.kind == .file, after.facts.size > 0 {
                alike.append((path, after.facts))
            }
        }
        changes += before.map { ImageDiff.FileChange(path: $0.key, before: $0.value.facts, after: nil) }
        for (path, facts) in try different(alike) {
            changes.append(ImageDiff.FileChange(path: path, before: facts, after: facts))
        }
        return changes.sorted { $0.path < $1.path }
    }

    private static func list(_ tree: LayeredTree) throws -> [PathBytes: Found] {
        var found: [PathBytes: Found] = [:]
        var walk = LayeredWalk(tree)
        while let step = try walk.next() {
            let status = step.status
            let isLink = status.kind == .symbolicLink
            let facts = ImageDiff.FileFacts(
                kind: status.kind,
                permissions: status.permissions,
                uid: status.uid,
                gid: status.gid,
                size: status.kind == .file ? status.size : 0,
                modified: status.modified,
                device: status.rawDevice,
                target: isLink ? PathBytes(try step.holder.directory.readLink(step.name)) : nil
            )
            found[step.path] = Found(facts: facts, attributes: try attributes(of: step), identity: status.identity)
        }
        return found
    }

    /// The extended attributes of a name, without overlayfs's own marks.
    private static func attributes(of step: LayeredWalk.Step) throws(SystemError) -> [PathBytes: [UInt8]] {
        let folder = step.holder
        var found: [PathBytes: [UInt8]] = [:]
        for name in try folder.directory.attributeNames(of: step.name) {
            let text = name.description
            if text.hasPrefix("trusted.overlay.") || text.hasPrefix("user.overlay.") { continue }
            found[name] = try folder.directory.attribute(name, of: step.name)
        }
        return found
    }

    /// The facts without what doesn't count.
    private func comparable(_ facts: ImageDiff.FileFacts) -> ImageDiff.FileFacts {
        if options.comparesTimes { return facts }
        var facts = facts
        facts.modified = FileTime(seconds: 0)
        return facts
    }

    // MARK: - Contents

    private typealias Pair = (path: PathBytes, facts: ImageDiff.FileFacts)

    /// Those of the files that look the same whose bytes aren't.
    private func different(_ alike: [Pair]) throws -> [Pair] {
        let count = max(1, min(CPUCount.online, 8, alike.count / 64))
        let results = Guarded<[Result<[Pair], any Error>]>([])
        for number in 0..<count {
            let share = alike.enumerated().filter { $0.offset % count == number }.map(\.element)
            let work: @Sendable () -> Void = {
                let result = Result { try share.filter { try isDifferent($0.path) } }
                results.update { $0.append(result) }
            }
            // The last share is this thread's own, as is what the system has no thread for.
            if number == count - 1 || !DetachedThread.start(work) { work() }
        }
        return try results.wait { $0.count == count ? $0 : nil }.flatMap { try $0.get() }
    }

    private func isDifferent(_ path: PathBytes) throws -> Bool {
        guard let one = try first.open(path), let other = try second.open(path) else { return true }
        return try !Self.isSame(one, other)
    }

    private static let chunk = 262_144

    private static func isSame(_ one: borrowing OwnedDescriptor, _ other: borrowing OwnedDescriptor) throws -> Bool {
        var offset: Int64 = 0
        while true {
            let part = try DescriptorIO.read(one.raw, at: offset, count: chunk)
            guard try DescriptorIO.read(other.raw, at: offset, count: chunk) == part else { return false }
            if part.count < chunk { return true }
            offset += Int64(chunk)
        }
    }
}
