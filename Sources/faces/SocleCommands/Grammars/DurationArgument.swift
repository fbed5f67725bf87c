import DockerfileSyntax
import Reporting

/// A time as Go writes it: `1m30s`.
struct DurationArgument: ArgumentValue, Hashable {
    var nanoseconds: Int64

    init(argument: String) throws(ArgumentError) {
        do throws(PlainFailure) { nanoseconds = try GoDuration.parse(argument) } catch {
            throw ArgumentError(error.description)
        }
    }
}
