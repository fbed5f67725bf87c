import BuildOperations
import ImageManagement
import OCISpec
import Reporting
import SocleEngine
import SystemPackage

/// `socle build`.
struct BuildCommand: Command {
    static let usage = Usage("PATH | -", 1...1, "Build an image from a Dockerfile")
    static var flags: [Flag<Self>] {
        Flag.list("build-arg", \.buildArguments, "Set build-time variables")
        Flag.value(
            "file",
            short: "f",
            \.file,
            "Name of the Dockerfile (Default is 'PATH/Dockerfile'), or '-' for STDIN"
        )
        Flag.value("iidfile", \.idFile, "Write the image ID to the file")
        Flag.list("label", \.labels, "Set metadata for an image")
        Flag.value("network", \.network, "Set the networking mode for the RUN instructions: default, none or host")
        BuildCacheOptions.flags.map { $0.within(\.cache) }
        Flag.value("platform", \.platform, "The platform to build for; only the host's can be built")
        Flag.value("progress", \.progress, "Set type of progress output: auto, plain, tty or quiet")
        Flag.toggle("quiet", short: "q", \.quiet, "Suppress the build output and print image ID on success")
        Flag.list("tag", short: "t", \.tags, "Name and optionally a tag in the 'name:tag' format")
        Flag.value("target", \.target, "Set the target build stage to build")
        refused
    }
    static var errorStyle: ErrorStyle { .build }
    var operands: [String] = []
    var buildArguments: [VariableArgument] = []
    var file: String?
    var idFile: String?
    var labels: [KeyValue] = []
    var network: BuildNetwork?
    var cache = BuildCacheOptions()
    var platform: HostPlatform?
    var progress = ProgressMode.auto
    var quiet = false
    var tags: [TagArgument] = []
    var target: String?

    func run(in session: Session) throws -> ExitCode {
        let explanations = ExplanationReport(cache.explanation)
        var request = try self.request()
        request.value.cache.explain = explanations.sink
        let mode = quiet ? .quiet : progress
        let feed = ProgressFeed(session.renderer(mode, verb: "Building")) { session.output.writeError($0) }
        let result: BuildResult
        do {
            let engine = try session.engine()
            result = try Blocking.wait { try await engine.build(request.value, progress: feed.sink) }
        } catch {
            feed.finish()
            session.output.writeError(feed.failedSteps.frames.joined())
            explanations.write(to: session.output)
            throw error
        }
        feed.finish()
        if let idFile {
            try OutputFile(FilePath(idFile), mode: 0o666).write { try $0.write(text: result.image.id.description) }
        }
        if !quiet { session.output.writeError(SourceExcerpt.warnings(result.warnings)) }
        explanations.write(to: session.output)
        if mode == .quiet { session.output.print(result.image.id.description) }
        return .success
    }
}
