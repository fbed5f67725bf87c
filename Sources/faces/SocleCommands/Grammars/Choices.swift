import SocleEngine

extension PullPolicy: ArgumentValue {
    init(argument: String) throws(ArgumentError) {
        guard let policy = PullPolicy(rawValue: argument) else {
            throw ArgumentError(
                "invalid pull option: '\(argument)': must be one of \"always\", \"missing\" or \"never\""
            )
        }
        self = policy
    }
}

/// `inspect --type`.
enum ObjectType: String, ArgumentValue {
    case image, container, network, volume

    init(argument: String) throws(ArgumentError) {
        guard let type = ObjectType(rawValue: argument) else {
            throw ArgumentError("\(GoText.quoted(argument)) is not a valid value for --type")
        }
        self = type
    }
}
