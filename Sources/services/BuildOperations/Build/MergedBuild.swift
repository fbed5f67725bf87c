import BuildDefinition
import DockerfileFrontend
import ImageManagement
import OCISpec
import Reporting

/// The plans of one build for several platforms as one graph.
///
/// Vertices that say the same (a stage for the build's own platform) have the same digest, so the solver does them once.
struct MergedBuild {
    /// The plan for one platform.
    struct Part {
        var platform: Platform
        /// Its history and result name vertices of the merged graph.
        var plan: LoweredBuild
    }

    private(set) var graph = BuildGraph()
    private(set) var parts: [Part] = []
    private(set) var bases: [ImageOperation: Image] = [:]

    mutating func add(_ plan: LoweredBuild, for platform: Platform, bases: [ImageOperation: Image]) {
        let offset = graph.append(plan.graph)
        var plan = plan
        plan.result?.vertex += offset
        for index in plan.history.indices { plan.history[index].vertex? += offset }
        parts.append(Part(platform: platform, plan: plan))
        self.bases.merge(bases) { first, _ in first }
    }

    /// What was found in the Dockerfile, each once.
    var warnings: [Diagnostic] {
        var seen: Set<Diagnostic> = []
        return parts.flatMap(\.plan.warnings).filter { seen.insert($0).inserted }
    }
}
