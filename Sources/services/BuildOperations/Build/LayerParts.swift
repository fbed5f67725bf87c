import LinuxSystem
import Reporting

/// Layers on their way to or from a registry, as parts of one step of a build.
enum LayerParts {
    /// Takes what is said of layers that are tasks of their own, and says it of the step.
    static func sink(for task: ProgressEvent.TaskID, _ progress: @escaping ProgressSink) -> ProgressSink {
        let names = Guarded<[ProgressEvent.TaskID: String]>([:])
        return { event in
            switch event {
            case .started(let layer, let title): names.update { $0[layer] = "sha256:\(title)" }
            case .part(let layer, let part):
                guard part.done != nil, let name = names.update({ $0[layer] }) else { return }
                progress(.part(task, .init(name, done: part.done, total: part.total)))
            case .finished(let layer, .done):
                guard let name = names.update({ $0[layer] }) else { return }
                progress(.part(task, .init(name, isFinished: true)))
            default: break
            }
        }
    }
}
