import OCISpec
import Reporting
import SocleEngine

/// `socle inspect`
struct InspectCommand: Command {
    static let usage = Usage("NAME|ID [NAME|ID...]", 1...Usage.many, "Return low-level information on Docker objects")
    static let flags: [Flag<Self>] = [
        .value("format", "f", \.format, "Format the output using the given Go template, or 'json'"),
        .toggle("size", "s", \.showsSize, "Display total file sizes if the type is container"),
        .value("type", \.type, "Return JSON for specified type"),
    ]
    var operands: [String] = []
    var format: String?
    var showsSize = false
    var type: String?

    func run(in session: Session) throws -> ExitCode {
        let type = try type.map { try ObjectType(argument: $0) }
        return try Inspection(format: format, session).show(operands, type: type, withSize: showsSize)
    }
}

/// `socle image inspect`
struct InspectImagesCommand: Command {
    static let usage = Usage("IMAGE [IMAGE...]", 1...Usage.many, "Display detailed information on one or more images")
    static let flags: [Flag<Self>] = [
        .value("format", "f", \.format, "Format the output using the given Go template, or 'json'")
    ]
    var operands: [String] = []
    var format: String?

    func run(in session: Session) throws -> ExitCode {
        try Inspection(format: format, session).show(operands, type: .image, withSize: false)
    }
}

/// `socle container inspect`
struct InspectContainersCommand: Command {
    static let usage = Usage(
        "CONTAINER [CONTAINER...]", 1...Usage.many, "Display detailed information on one or more containers")
    static let flags: [Flag<Self>] = [
        .value("format", "f", \.format, "Format the output using the given Go template, or 'json'"),
        .toggle("size", "s", \.showsSize, "Display total file sizes"),
    ]
    var operands: [String] = []
    var format: String?
    var showsSize = false

    func run(in session: Session) throws -> ExitCode {
        try Inspection(format: format, session).show(operands, type: .container, withSize: showsSize)
    }
}
