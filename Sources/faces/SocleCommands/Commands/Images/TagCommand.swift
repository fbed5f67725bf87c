import OCISpec
import Reporting
import SocleEngine

/// `socle tag`.
struct TagCommand: Command {
    static let usage = Usage(
        "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
        2...2,
        "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE"
    )
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        let target: ImageReference
        do { target = try ImageReference.forTagging(operands[1]) } catch where [.reserved, .digestInTag].contains(error.reason) {
            throw error
        } catch {
            throw ArgumentError(
                "Error parsing reference: \(GoText.quoted(operands[1])) is not a valid repository/tag: \(error)"
            )
        }
        try session.engine().tag(operands[0], as: target)
        return .success
    }
}
