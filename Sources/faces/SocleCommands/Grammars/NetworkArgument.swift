import ContainerManagement

/// `--network none|host`.
struct NetworkArgument: ArgumentValue, Hashable {
    var mode: NetworkMode

    init(argument: String) throws(ArgumentError) {
        guard let mode = NetworkMode(rawValue: argument) else {
            throw ArgumentError(
                "network \(GoText.quoted(argument)) is not supported",
                hint: "this version has the networks none and host"
            )
        }
        self.mode = mode
    }
}
