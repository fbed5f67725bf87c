import BuildOperations
import ByteStreams
import ImageManagement
import OCISpec
import Reporting
import SocleEngine

/// `socle build`.
struct BuildCommand: Command {
    static let usage = Usage("PATH | URL | -", 1...1, "Build an image from a Dockerfile")
    static var flags: [Flag<Self>] {
        Flag.list("build-arg", \.buildArguments, "Set build-time variables")
        BuildContextOptions.flags.map { $0.within(\.contexts) }
        Flag.value(
            "file",
            short: "f",
            \.file,
            "Name of the Dockerfile (Default is 'PATH/Dockerfile'), or '-' for STDIN"
        )
        Flag.list("label", \.labels, "Set metadata for an image")
        Flag.value("network", \.network, "Set the networking mode for the RUN instructions: default, none or host")
        BuildCacheOptions.flags.map { $0.within(\.cache) }
        Flag.value("progress", \.progress, "Set type of progress output: auto, plain, tty, quiet, rawjson or none")
        Flag.toggle("quiet", short: "q", \.quiet, "Suppress the build output and print image ID on success")
        Flag.value(
            "source-date-epoch",
            \.epoch,
            as: "int",
            "Latest time, in seconds since 1970, of all that the build makes (default: SOURCE_DATE_EPOCH)"
        )
        Flag.list("tag", short: "t", \.tags, "Name and optionally a tag in the 'name:tag' format")
        Flag.value("target", \.target, "Set the target build stage to build")
        BuildOutputOptions.flags.map { $0.within(\.output) }
        BuildCheckOptions.flags.map { $0.within(\.checking) }
        BuildRunOptions.flags.map { $0.within(\.runs) }
        refused
    }
    static var errorStyle: ErrorStyle { .build }
    var operands: [String] = []
    var buildArguments: [VariableArgument] = []
    var epoch: Epoch?
    var checking = BuildCheckOptions()
    var contexts = BuildContextOptions()
    var file: String?
    var labels: [KeyValue] = []
    var network: BuildNetwork?
    var cache = BuildCacheOptions()
    var output = BuildOutputOptions()
    var progress: ProgressMode?
    var quiet = false
    var runs = BuildRunOptions()
    var tags: [TagArgument] = []
    var target: String?

    func run(in session: Session) throws -> ExitCode {
        if let question = checking.question { return try inspect(question, in: session) }
        let explanations = ExplanationReport(cache.explanation)
        let request = try self.request(explaining: explanations.sink)
        let mode = try ProgressMode.chosen(progress, quiet: quiet)
        let feed = session.feed(mode, verb: "Building")
        let result: BuildResult
        let cancellation = request.value.cancellation
        let interruption = try Interruption { cancellation.cancel() }
        do {
            let engine = try session.engine()
            result = try Blocking.wait { try await engine.build(request.value, progress: feed.sink) }
            _ = interruption.end()
        } catch {
            let signal = interruption.end()
            feed.finish()
            if mode.isForPeople || mode == .quiet { session.output.writeError(frames(of: feed)) }
            explanations.write(to: session.output)
            if let signal, error is CancellationError {
                session.output.complain(ErrorTable.cancelledBuild)
                return ExitCode(value: 128 + signal)
            }
            if mode.isForPeople {
                let source = (error as? BuildFailure)?.source
                session.output.writeError(warnings(feed.warnings, source ?? [], session))
            }
            try runs.openShell(after: error, session)
            throw error
        }
        feed.finish()
        try output.writeResults(result)
        if mode.isForPeople {
            session.output.writeError(warnings(result.warnings, result.source, session))
            session.output.writeError(GoText.visible(CheckText.glance(result.findings, image: result.image.id)))
        }
        explanations.write(to: session.output)
        if mode == .quiet, let id = result.id { session.output.print(id.description) }
        return .success
    }

    /// What the steps that failed said last, and where the rest of it is.
    private func frames(of feed: ProgressFeed) -> String {
        let frames = feed.failedSteps.frames
        guard !frames.isEmpty else { return "" }
        let place = feed.recordName.map { "the whole log: socle builder history logs \($0)\n" } ?? ""
        return frames.joined() + place
    }

    private func warnings(_ warnings: [Diagnostic], _ source: [UInt8], _ session: Session) -> String {
        GoText.visible(WarningList.text(warnings, expandedWith: checking.isDebug || session.isDebug ? source : nil))
    }
}
