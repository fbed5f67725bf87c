import BuildDefinition
import ByteStreams
import LinuxSystem
import Reporting
import TarFormat

/// A file operation with everything decided: the layer's members, and what is known of their contents.
///
/// It is handed from the look into the cache to the making of the layer; one thread at a time has it.
final class PlannedCopy: @unchecked Sendable {
    let digests: ContentDigests
    private let destination: Destination
    private let plan: CopyPlan
    private let copyKey: CopyKey

    /// - Parameters:
    ///   - tree: the file system below; nil where it is empty.
    ///   - inputs: the trees of the vertex's inputs by position; nil where an input is empty.
    init(
        _ operation: FileOperation,
        below: BuiltFileSystem,
        tree: LayeredTree?,
        inputs: [(any SourceTree)?],
        epoch: Int64?,
        digests: ContentDigests
    ) throws {
        var made = CopyPlan()
        var destination = Destination(below: tree, made: TarTime(seconds: epoch ?? 0), owner: .root)
        for action in operation.actions {
            switch action {
            case .copy(let copy):
                try Self.requireSupported(copy)
                let owner = try copy.owner.map { try OwnerLookup(tree: tree).ownership(of: $0) }
                destination.owner = owner ?? .root
                destination.directoryMode = copy.mode?.absolute ?? 0o755
                var planner = CopyPlanner(destination: destination, owner: owner, epoch: epoch)
                try planner.add(copy, inputs: inputs)
                planner.plan.items.forEach { made.add($0.entry, $0.content) }
            case .makeDirectory(let directory):
                destination.directoryMode = directory.mode
                destination.owner = try directory.owner.map { try OwnerLookup(tree: tree).ownership(of: $0) } ?? .root
                try Self.make(directory, in: destination, plan: &made)
            }
        }
        self.destination = destination
        self.digests = digests
        plan = made
        copyKey = CopyKey(operation: operation, below: below)
    }

    /// The cache key; nil while a file has yet to be read.
    func key() throws -> BuildCache.Key? { try copyKey.key(of: plan, digests: digests) }

    /// Writes the layer; what its files hold, in bytes.
    func compose(to sink: any ByteSink) throws -> Int64 {
        var composer = LayerComposer(plan, destination: destination, digests: digests, to: sink)
        return try composer.compose()
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

    private static func requireSupported(_ copy: CopyAction) throws {
        let refused: [(Bool, String)] = [
            (copy.link, "--link"), (copy.parents, "--parents"), (!copy.exclude.isEmpty, "--exclude"),
            (copy.unpack == .always, "--unpack"),
        ]
        for (isUsed, flag) in refused where isUsed {
            throw PlainFailure(.unsupported, "COPY and ADD with \(flag) are not supported yet")
        }
    }
}
