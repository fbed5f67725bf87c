import BuildDefinition
import ByteStreams
import LinuxSystem
import Reporting
import TarFormat

/// A file operation with everything decided: the layer's members, and what is known of their contents.
///
/// It is handed from the look into the cache to the making of the layer; one thread at a time has it.
final class PlannedCopy: @unchecked Sendable {
    private let digests: ContentDigests
    private let destination: Destination
    private var plan: CopyPlan
    private let copyKey: CopyKey

    /// - Parameters:
    ///   - view: the file system below; nil where it is empty or isn't looked at.
    ///   - inputs: the trees of the vertex's inputs by position; nil where an input is empty.
    init(
        _ operation: FileOperation,
        below: BuiltFileSystem,
        view: (any LowerView)?,
        inputs: [(any SourceTree)?],
        epoch: Int64?,
        digests: ContentDigests
    ) throws {
        var made = CopyPlan()
        let view = operation.isIndependent ? nil : view
        var destination = Destination(below: view, made: TarTime(seconds: epoch ?? 0), owner: .root)
        for action in operation.actions {
            switch action {
            case .copy(let copy):
                let owner = try copy.owner.map { try OwnerLookup(below: view).ownership(of: $0) }
                destination.owner = owner ?? .root
                destination.directoryMode = copy.mode?.absolute ?? 0o755
                var planner = CopyPlanner(destination: destination, owner: owner, epoch: epoch)
                try planner.add(copy, inputs: inputs)
                if operation.actions.count == 1 {
                    made = planner.plan
                } else {
                    planner.plan.items.forEach { made.add($0.entry, $0.content) }
                }
            case .makeDirectory(let directory):
                destination.directoryMode = directory.mode
                destination.owner = try Self.owner(of: directory, view)
                try Self.make(directory, in: destination, plan: &made)
            }
        }
        self.destination = destination
        self.digests = digests
        plan = made
        copyKey = CopyKey(
            operation: operation,
            below: operation.isIndependent ? nil : below,
            epoch: epoch
        )
        try lookUp()
        try readFew()
    }

    /// Asks once for everything that earlier builds found out.
    private func lookUp() throws {
        let files = plan.items.enumerated().compactMap { index, item in item.content.file.map { (index, $0) } }
        for ((index, _), content) in zip(files, try digests.contents(of: files.map(\.1))) {
            if let content { plan.learn(content, at: index) }
        }
    }

    /// Reads the files of which nothing is known where they are few beside the others: then the key is complete before the
    /// layer is made, and one that the cache has need not be made to find that out.
    private func readFew() throws {
        let unknown = plan.items.indices.filter { plan.items[$0].content.file != nil && plan.items[$0].known == nil }
        func size(_ index: Int) -> Int64 { plan.items[index].content.file?.size ?? 0 }
        let all = plan.items.indices.reduce(0) { $0 + size($1) }
        if unknown.isEmpty || unknown.reduce(0, { $0 + size($1) }) > all / 4 { return }
        var buffer = [UInt8](repeating: 0, count: SourceFile.chunkSize)
        for index in unknown {
            switch plan.items[index].content {
            case .none, .inline: continue
            case .file(let tree, let path, let status):
                let file = try SourceFile(path, of: tree, planned: status)
                let sha256 = try file.read(to: nil, hashing: true, through: &buffer)
                learn(FileContent(sha256: sha256, attributes: try file.attributes()), status, at: index)
            case .archive(let tree, let path, let status):
                let file = try SourceFile(path, of: tree, planned: status)
                learn(FileContent(sha256: try file.read(to: nil, hashing: true, through: &buffer)), status, at: index)
            }
        }
        try digests.save()
    }

    private func learn(_ content: FileContent, _ status: FileStatus, at index: Int) {
        plan.learn(content, at: index)
        digests.learn(content, for: status)
    }

    /// The cache key; nil while a file has yet to be read.
    func key() -> BuildCache.Key? { copyKey.key(of: plan) }

    /// Writes the layer and remembers what its files held; the files' sizes together, in bytes.
    func compose(to sink: any ByteSink) throws -> Int64 {
        var composer = LayerComposer(plan, destination: destination, digests: digests, to: sink)
        let size = try composer.compose()
        plan = composer.plan
        try digests.save()
        return size
    }

    /// WORKDIR's user; one whom nobody knows owns nothing.
    private static func owner(of action: MakeDirectoryAction, _ view: (any LowerView)?) throws -> Ownership {
        guard let owner = action.owner else { return .root }
        do { return try OwnerLookup(below: view).ownership(of: owner) } catch let failure as any Failure
            where failure.kind == .notFound
        { return .root }
    }

    /// A directory that is there gives a layer without members.
    private static func make(
        _ action: MakeDirectoryAction,
        in destination: Destination,
        plan: inout CopyPlan
    ) throws {
        let path = try destination.resolve(PathBytes(action.path))
        if try destination.isDirectory(path) { return }
        try destination.addParents(of: path, to: &plan)
        try destination.addDirectory(path, to: &plan)
    }
}

extension FileOperation {
    /// Whether the layer is made without looking at the file system below: `--link`.
    var isIndependent: Bool {
        actions.allSatisfy { if case .copy(let copy) = $0 { copy.link } else { false } }
    }
}
