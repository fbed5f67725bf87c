import ContainerNetworking
import Reporting

/// `--publish`: a port of the container's, or several.
struct PublishArgument: ArgumentValue, Hashable {
    var ports: [PublishedPort]

    init(argument: String) throws(ArgumentError) {
        do throws(PlainFailure) { ports = try PortGrammar.published(argument) } catch {
            throw ArgumentError(error.description)
        }
    }
}

/// `--expose`: ports that `--publish-all` publishes.
struct ExposeArgument: ArgumentValue, Hashable {
    var ports: [ContainerPort]

    init(argument: String) throws(ArgumentError) {
        do throws(PlainFailure) { ports = try PortGrammar.exposed(argument) } catch {
            throw ArgumentError(error.description)
        }
    }
}
