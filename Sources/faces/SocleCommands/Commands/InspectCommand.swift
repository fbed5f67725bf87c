import OCISpec
import Reporting
import SocleEngine

/// `socle inspect`.
struct InspectCommand: Command {
    static let usage = Usage("NAME|ID [NAME|ID...]", 1...Usage.many, "Return low-level information on Docker objects")
    static var flags: [Flag<Self>] {
        Flag.value("format", short: "f", \.format, "Format the output using the given Go template, or 'json'")
        Flag.toggle("size", short: "s", \.showsSize, "Display total file sizes if the type is container")
        Flag.value("type", \.type, "Return JSON for specified type")
    }
    var operands: [String] = []
    var format: String?
    var type: String?
    var showsSize = false

    func run(in session: Session) throws -> ExitCode {
        let type = try type.map { try ObjectType(argument: $0) }
        return try Inspection(format: format, session, showsSize: showsSize).show(operands, type: type)
    }
}

/// `socle image inspect`.
struct InspectImagesCommand: Command {
    static let usage = Usage("IMAGE [IMAGE...]", 1...Usage.many, "Display detailed information on one or more images")
    static var flags: [Flag<Self>] {
        Flag.value("format", short: "f", \.format, "Format the output using the given Go template, or 'json'")
        Flag.toggle("raw", \.isRaw, "Show the manifest or index itself, as it is stored")
    }
    var operands: [String] = []
    var format: String?
    var isRaw = false

    func run(in session: Session) throws -> ExitCode {
        if isRaw {
            guard format == nil else { throw ArgumentError("conflicting options: --format and --raw") }
            let engine = try session.engine()
            return Each.do(operands, Self.errorStyle, session) { name in
                session.output.write(String(decoding: try engine.rawManifest(name), as: UTF8.self))
            }
        }
        return try Inspection(format: format, session).show(operands, type: .image)
    }
}

/// `socle container inspect`.
struct InspectContainersCommand: Command {
    static let usage = Usage(
        "CONTAINER [CONTAINER...]",
        1...Usage.many,
        "Display detailed information on one or more containers"
    )
    static var flags: [Flag<Self>] {
        Flag.value("format", short: "f", \.format, "Format the output using the given Go template, or 'json'")
        Flag.toggle("size", short: "s", \.showsSize, "Display total file sizes")
    }
    var operands: [String] = []
    var format: String?
    var showsSize = false

    func run(in session: Session) throws -> ExitCode {
        try Inspection(format: format, session, showsSize: showsSize).show(operands, type: .container)
    }
}
