import ImageManagement
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
        return Each.do(operands, Self.errorStyle, session) { name in
            for removal in try engine.removeImage(name, force: force, noPrune: keepsParents) {
                session.output.print(removal.description)
            }
        }
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
