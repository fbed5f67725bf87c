import Reporting

/// Work of a build that is no vertex of its graph, as progress shows it.
enum InternalStep {
    case loadDefinition(String)
    case loadContext
    /// A context or Dockerfile that lies elsewhere: its address, without credentials.
    case loadRemote(String)
    /// The nth image that the build stands on, by its complete name, which a registry has.
    case pull(Int, String)
    /// An output by its number, with its title.
    case output(Int, String)

    /// Vertices count from zero up.
    var task: ProgressEvent.TaskID {
        switch self {
        case .loadRemote: -5
        case .loadDefinition: -3
        case .loadContext: -2
        case .pull(let number, _): -2000 - number
        case .output(let number, _): -100 - number
        }
    }

    private var title: String {
        switch self {
        case .loadDefinition(let name): "[internal] load build definition from \(name)"
        case .loadContext: "[internal] load build context"
        case .loadRemote(let address): "[internal] load remote build context \(address)"
        case .pull(_, let name): "[internal] pull \(name)"
        case .output(_, let title): title
        }
    }

    /// Tells of work that was done already: the ignore file was read.
    static func loadIgnoreFile(_ progress: ProgressSink) {
        tell(-4, "[internal] load .dockerignore", progress)
    }

    /// Tells that a base's config was looked up, the nth of them.
    static func loadMetadata(of name: String, _ index: Int, _ progress: ProgressSink) {
        tell(-1000 - index, "[internal] load metadata for \(name)", progress)
    }

    private static func tell(_ task: ProgressEvent.TaskID, _ title: String, _ progress: ProgressSink) {
        progress(.started(task, title: title))
        progress(.finished(task, .done))
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
