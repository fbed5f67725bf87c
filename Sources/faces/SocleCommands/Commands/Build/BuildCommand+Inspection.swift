import BuildOperations
import SocleEngine

extension BuildCommand {
    /// Answers a question about the build on standard output.
    func inspect(_ asked: CallArgument, in session: Session) throws -> ExitCode {
        let isJSON = asked.format == .json
        let question: BuildQuestion
        switch asked.question {
        case .check, .lint: question = .checks
        case .targets: question = .targets
        case .outline: question = .outline
        case .build, .describe:
            session.output.write(isJSON ? RequestsAnswer.json : RequestsAnswer.text)
            return .success
        }
        let request = try self.request()
        let inspection = try session.withProgress(.chosen(progress, quiet: quiet), verb: "Building") { feed in
            try session.engine().inspectBuild(request.value, question, progress: feed.sink)
        }
        switch inspection.answer {
        case .targets(let targets):
            let answer = TargetsAnswer(targets, of: inspection)
            session.output.write(isJSON ? answer.json : answer.text)
        case .outline(let outline):
            let answer = OutlineAnswer(outline, of: inspection)
            session.output.write(isJSON ? answer.json : answer.text)
        case .checks(let diagnostics):
            let answer = ChecksAnswer(diagnostics, of: inspection)
            session.output.write(isJSON ? answer.json : answer.text)
            if let failure = answer.failure { throw failure }
            return answer.isClean || asked.ignoresStatus ? .success : .failure
        }
        return .success
    }
}
