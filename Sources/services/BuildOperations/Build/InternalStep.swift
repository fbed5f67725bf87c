import Reporting

/// Work of a build that is no vertex of its graph, as progress shows it.
enum InternalStep {
    case loadDefinition(String)
    case loadContext
    /// A context or Dockerfile that lies elsewhere: its address, without credentials.
    case loadRemote(String)
    case export

    /// Vertices count from zero up.
    var task: ProgressEvent.TaskID {
        switch self {
        case .loadRemote: -4
        case .loadDefinition: -3
        case .loadContext: -2
        case .export: -1
        }
    }

    private var title: String {
        switch self {
        case .loadDefinition(let name): "[internal] load build definition from \(name)"
        case .loadContext: "[internal] load build context"
        case .loadRemote(let address): "[internal] load remote build context \(address)"
        case .export: "exporting to image"
        }
    }

    func run<Result>(_ progress: ProgressSink, _ body: () throws -> Result) throws -> Result {
        progress(.started(task, title: title))
        do {
            let result = try body()
            progress(.finished(task, .done))
            return result
        } catch {
            progress(.finished(task, .failed("\(error)")))
            throw error
        }
    }
}
