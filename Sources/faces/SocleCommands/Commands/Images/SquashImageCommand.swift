import ImageManagement
import OCISpec
import SocleEngine

/// `socle image squash`.
struct SquashImageCommand: Command {
    static let usage = Usage("IMAGE", 1...1, "Merge the layers of an image into one")
    static var flags: [Flag<Self>] {
        Flag.value("from", \.from, as: "layer", "The lowest layer to merge: its number from the base, or its digest")
        Flag.value("platform", \.platform, "Take the image for a platform")
        Flag.value("tag", short: "t", \.tag, "Name of the new image")
    }
    var operands: [String] = []
    var from: String?
    var platform: PlatformArgument?
    var tag: TagArgument?

    func run(in session: Session) throws -> ExitCode {
        var request = SquashRequest()
        request.from = from
        request.tag = tag?.reference
        request.epoch = try Epoch.fromEnvironment()?.seconds
        let image = try session.engine().squashImage(operands[0], platform: platform?.platform, request)
        session.output.print(image.listedID.description)
        return .success
    }
}
