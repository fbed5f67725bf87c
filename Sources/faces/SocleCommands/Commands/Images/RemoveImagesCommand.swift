import ImageManagement
import Reporting
import SocleEngine

/// `socle rmi`.
struct RemoveImagesCommand: Command {
    static let usage = Usage("IMAGE [IMAGE...]", 1...Usage.many, "Remove one or more images")
    static var flags: [Flag<Self>] {
        Flag.toggle("force", short: "f", \.force, "Force removal of the image")
        Flag.toggle("no-prune", \.keepsParents, "Do not delete untagged parents")
    }
    var operands: [String] = []
    var force = false
    var keepsParents = false

    func run(in session: Session) throws -> ExitCode {
        let engine = try session.engine()
        let code = Each.do(operands, Self.errorStyle, session) { name in
            let removals: [Removal]
            do { removals = try engine.removeImage(name, force: force, noPrune: keepsParents) } catch let failure
                as any Failure where force && failure.kind == .notFound
            {
                // As with Docker, it is told and is no failure: what was to be gone is gone.
                return session.output.complain(ErrorTable.report(failure, style: Self.errorStyle, path: "").text)
            }
            for removal in removals { session.output.print(removal.description) }
        }
        try engine.sweep()
        return code
    }
}

/// Several operands, each for itself: an error of one doesn't keep the others from being done.
enum Each {
    static func `do`(
        _ operands: [String],
        _ style: ErrorStyle,
        _ session: Session,
        _ body: (String) throws -> Void
    ) -> ExitCode {
        var code = ExitCode.success
        for operand in operands {
            do { try body(operand) } catch {
                let report = ErrorTable.report(error, style: style, path: "")
                session.output.complain(report.text)
                code = report.code
            }
        }
        return code
    }
}
