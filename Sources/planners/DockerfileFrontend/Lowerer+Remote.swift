import BuildDefinition
import DockerfileSyntax
import OCISpec
import Reporting

/// Sources that lie elsewhere: addresses of ADD, and named contexts.
extension Lowerer {
    /// The address that a source is; nil for a path.
    static func remote(_ source: String, at range: SourceRange) throws(InstructionError) -> RemoteSource? {
        do throws(PlainFailure) { return try RemoteSource(source) } catch {
            throw InstructionError(error.description, at: range, hint: error.hint)
        }
    }

    /// The vertex that fetches, and the path in what it gives.
    mutating func fetch(
        _ remote: RemoteSource,
        _ checksum: String?,
        _ options: CopyOptions,
        at range: SourceRange,
        _ state: StageState
    ) throws(InstructionError) -> (Edge, String) {
        let place = options.checksum?.range
        switch remote {
        case .http(var operation):
            if let checksum {
                do throws(DigestError) { operation.checksum = try Digest(checksum).description } catch {
                    throw InstructionError(error.description, at: place)
                }
            }
            let title = ShownAddress.hidingCredentials(operation.url)
            let edge = graph.add(.http(operation), title: title, range: range, ignoresCache: ignoresCache(state))
            // A name that only the server knows is whatever there is.
            return (edge, "/" + (operation.fileName.map(Self.literal) ?? "*"))
        case .git(var operation):
            if let checksum {
                operation.checksum = checksum
                do throws(PlainFailure) { try GitNames.check(operation) } catch {
                    throw InstructionError(error.description, at: place, hint: error.hint)
                }
            }
            operation.keepsGitDirectory = options.keepsGitDirectory ?? operation.keepsGitDirectory
            let title = ShownAddress.hidingCredentials(operation.remote)
            let edge = graph.add(.git(operation), title: title, range: range, ignoresCache: ignoresCache(state))
            return (edge, "/")
        }
    }

    /// A pattern that matches this name only.
    private static func literal(_ name: String) -> String {
        String(name.flatMap { "*?[\\".contains($0) ? ["\\", $0] : [$0] })
    }

    /// The vertex of a named context's files, one for all who use it; nil for an empty one.
    mutating func tree(of source: FileSource, range: SourceRange) -> Edge? {
        if let known = namedEdges[source] { return known }
        let title = "[context \(source.name)] "
        let edge: Edge
        switch source.context {
        case .scratch, .image: return nil
        case .folder: edge = graph.add(.local(LocalOperation(name: source.name)), title: title + "load from client")
        case .http(let operation):
            let address = ShownAddress.hidingCredentials(operation.url)
            edge = graph.add(.http(operation), title: title + address, range: range)
        case .git(let operation):
            let address = ShownAddress.hidingCredentials(operation.remote)
            edge = graph.add(.git(operation), title: title + "load git source \(address)", range: range)
        }
        namedEdges[source] = edge
        return edge
    }

    /// A stage on the files of a named context: they are its first layer.
    mutating func begin(_ reached: Reach.ReachedStage, on source: FileSource, steps: Int) -> StageState? {
        var state = StageState(scratch: reached.stage, platform: reached.platform)
        state.stepCount = steps + 1
        guard let tree = tree(of: source, range: reached.stage.from.reference.range) else { return state }
        let copy = CopyAction(sources: [.paths(input: 1, ["/"])], destination: "/")
        let edge = graph.add(
            .file(FileOperation(actions: [.copy(copy)])),
            inputs: [nil, tree],
            title: state.title("FROM \(source.name)", isOnlyStage: isOnlyStage),
            range: reached.stage.instruction.range
        )
        state.edge = edge
        var entry = HistoryTemplate(createdBy: "", vertex: edge.vertex)
        entry.comment = "buildkit.exporter.image.v0"
        state.history.append(entry)
        return state
    }
}
