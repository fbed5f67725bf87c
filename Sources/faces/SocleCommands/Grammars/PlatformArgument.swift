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

/// `--platform` where only the host's can be had.
struct HostPlatform: ArgumentValue, Hashable {
    var platform: Platform

    init(argument: String) throws(ArgumentError) {
        let platform = try PlatformArgument(argument: argument).platform
        guard Platform.host.distance(to: platform) != nil else {
            throw ArgumentError("platform \(platform) is not supported: this host is \(Platform.host)")
        }
        self.platform = platform
    }
}

/// `--tag name[:tag]`.
struct TagArgument: ArgumentValue, Hashable {
    var reference: ImageReference

    init(argument: String) throws(ArgumentError) {
        do { reference = try ImageReference.forTagging(argument) } catch { throw ArgumentError(error.description) }
    }
}
