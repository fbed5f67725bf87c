import ContentStorage
import DockerfileFrontend
import DockerfileSyntax
import ImageManagement
import MetadataStorage
import OCISpec
package import Reporting
import SnapshotStorage

extension Builder {
    /// Answers a question about a build; nothing is built, nothing of the context is read but the Dockerfile and the
    /// ignore file, and images that the store doesn't have are done without.
    package func inspect(
        _ request: sending BuildRequest,
        _ question: BuildQuestion,
        progress: @escaping ProgressSink
    ) throws -> BuildInspection {
        let lease = try metadata.leases.create()
        defer { try? metadata.leases.delete(lease) }  // one that stays is dead with this process
        let held = content.leasing(lease)
        let sources = remoteSources(lease, held, request.run.secrets, progress)
        return try inspect(try prepare(request, sources, held, progress), question)
    }

    private func inspect(_ planning: Planning, _ question: BuildQuestion) throws -> BuildInspection {
        let definition = planning.context.definition
        let checks = try planning.request.checkSettings
        let answer: BuildInspection.Answer
        do {
            let dockerfile = try load(definition, checks, planning.progress)
            switch question {
            case .targets: answer = .targets(dockerfile.targets)
            case .outline:
                let platform = planning.request.output.platforms.first ?? planning.request.platform
                answer = .outline(try look(at: dockerfile, for: platform, planning).outline)
            case .checks:
                var seen: Set<Diagnostic> = []
                let found = try planning.request.output.platforms.flatMap { platform in
                    try look(at: dockerfile, for: platform, planning, inAllStages: planning.request.target == nil)
                        .warnings
                }
                answer = .checks(found.filter { seen.insert($0).inserted }.sortedByPlace)
            }
        } catch let failure as BuildFailure where question == .checks {
            answer = .checks(failure.diagnostics)
        }
        return BuildInspection(answer: answer, file: definition.name, source: definition.bytes)
    }

    /// Plans for a platform with the images that are there.
    private func look(
        at dockerfile: Dockerfile,
        for platform: Platform,
        _ planning: Planning,
        inAllStages: Bool = false
    ) throws -> LoweredBuild {
        let definition = planning.context.definition
        var options = Self.options(planning.request, planning.context, planning.contexts.names)
        options.targetPlatform = platform
        options.plansAllStages = inAllStages
        let survey = try definition.explaining { [options] () throws(DiagnosticsError) in
            try Frontend.survey(dockerfile, options)
        }
        var bases: [BaseReference: ImageConfig] = [:]
        var absent: Set<BaseReference> = []
        var wanted = survey.baseReferences
        while true {
            for reference in wanted {
                if let config = try config(of: reference, planning) {
                    bases[reference] = config
                } else {
                    absent.insert(reference)
                }
            }
            let known = bases
            let missing = absent
            let lowering = try definition.explaining { () throws(DiagnosticsError) in
                try Frontend.lower(survey, bases: known, absent: missing)
            }
            switch lowering {
            case .needs(let more): wanted = more
            case .lowered(let build): return build
            }
        }
    }

    private func config(of base: BaseReference, _ planning: Planning) throws -> ImageConfig? {
        if let image = try planning.contexts.image(base, into: planning.content, metadata) { return image.config.value }
        do {
            return try images.resolve(base.reference.familiar, platform: base.platform).config.value
        } catch let failure as any Failure
            where failure.kind == .notFound
        { return nil }
    }
}
