import BuildDefinition
import OCISpec

/// Compares the file system that a step stands on with the one that it stood on before, layer by layer, and finds the step
/// that is to blame.
struct BelowComparison {
    var graph: BuildGraph
    /// Where a vertex's layer came from in this build, if it has one.
    var origin: (VertexID) -> CacheUse.Origin?

    /// What differs; nil where nothing does. Both texts have a diff ID a line, the base first.
    func change(of vertex: VertexID, before: String, now: String) -> KeyChange? {
        if before == now { return nil }
        let old = before.split(separator: "\n").map(String.init)
        let new = now.split(separator: "\n").map(String.init)
        let index = zip(old, new).prefix { $0 == $1 }.count
        let (steps, base) = stack(below: vertex)
        guard index < new.count else { return .setting("a step below is gone", from: nil, to: nil) }
        let position = index - (new.count - steps.count)
        guard position >= 0, position < steps.count else {
            return .base(base, from: index < old.count ? old[index] : nil, to: new[index])
        }
        let step = graph[steps[position]]
        switch origin(step.id) {
        case .built, nil: return .rebuilt(step: step.title)
        case .store, .imported: return .otherResult(step: step.title)
        }
    }

    /// The vertices that each made a layer below, lowest first, and the image at the bottom.
    private func stack(below vertex: VertexID) -> (steps: [VertexID], base: String?) {
        var steps: [VertexID] = []
        var next = graph[vertex].inputs.first ?? nil
        while let edge = next {
            if case .image(let image) = graph[edge.vertex].operation {
                return (steps.reversed(), image.reference.familiar)
            }
            steps.append(edge.vertex)
            next = graph[edge.vertex].inputs.first ?? nil
        }
        return (steps.reversed(), nil)
    }
}
