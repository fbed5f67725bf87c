import OCISpec
import Reporting

/// `socle pull`: says what it can't do, and refuses the reserved name in Docker's words.
struct PullCommand: Command {
    static let usage = Usage("NAME[:TAG|@DIGEST]", 1...1, "Pull an image from a registry (not built into this version)")
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        let reference = try ImageReference(operands[0])
        try ImageReference.requireNotReserved(reference)
        throw PlainFailure(
            .unsupported,
            "can't pull \(GoText.quoted(reference.familiar)): registries are not built into this version",
            hint: "save the image elsewhere and load it here, or import a root file system"
        )
    }
}
