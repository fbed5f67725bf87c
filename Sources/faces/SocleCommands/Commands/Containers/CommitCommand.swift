import ImageManagement
import OCISpec
import Reporting
import SocleEngine

/// `socle commit`.
struct CommitCommand: Command {
    static let usage = Usage(
        "CONTAINER [REPOSITORY[:TAG]]",
        1...2,
        "Create a new image from a container's changes"
    )
    static var flags: [Flag<Self>] {
        Flag.value("author", short: "a", \.author, "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")")
        Flag.list("change", short: "c", \.changes, "Apply Dockerfile instruction to the created image")
        Flag.value("message", short: "m", \.message, "Commit message")
        Flag.toggle("pause", short: "p", \.pauses, "Pause container during commit (default true)")
    }
    var operands: [String] = []
    var author: String?
    var changes: [String] = []
    var message: String?
    var pauses = true

    func run(in session: Session) throws -> ExitCode {
        var options = CommitOptions()
        if operands.count == 2, !operands[1].isEmpty { options.tag = try ImageReference.forTagging(operands[1]) }
        options.author = author
        options.changes = changes
        options.message = message
        options.pauses = pauses
        session.output.print(try session.engine().commit(operands[0], options).id.description)
        return .success
    }
}
