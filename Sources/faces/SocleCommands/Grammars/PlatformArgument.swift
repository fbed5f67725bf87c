import OCISpec
import Reporting

/// `--platform linux/amd64`.
struct PlatformArgument: ArgumentValue, Hashable {
    var platform: Platform

    init(argument: String) throws(ArgumentError) {
        do { platform = try Platform(parsing: argument) } catch {
            throw ArgumentError(error.description, hint: error.hint)
        }
    }
}

/// `--tag name[:tag]`.
struct TagArgument: ArgumentValue, Hashable {
    var reference: ImageReference

    init(argument: String) throws(ArgumentError) {
        do { reference = try ImageReference.forTagging(argument) } catch { throw ArgumentError(error.description) }
    }
}
