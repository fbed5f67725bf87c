import ContainerManagement
import ImageManagement
import OCISpec
import Reporting
import SocleEngine

/// `socle volume create`.
struct CreateVolumeCommand: Command {
    static let usage = Usage("[VOLUME]", 0...1, "Create a volume")
    static var flags: [Flag<Self>] {
        Flag.value("driver", short: "d", \.driver, "Specify volume driver name (default \"local\")")
        Flag.list("label", \.labels, as: "list", "Set metadata for a volume")
        Flag.value("name", \.name, "Specify volume name, as older Docker had it")
        Flag.list("opt", short: "o", \.options, as: "map", "Set driver specific options: type, device, o")
    }
    var operands: [String] = []
    var driver: String?
    var labels: [KeyValue] = []
    var options: [KeyValue] = []
    var name: String?

    func run(in session: Session) throws -> ExitCode {
        if let driver, driver != "local" {
            throw ArgumentError("volume driver \(GoText.quoted(driver)) is not supported", hint: "\"local\" is")
        }
        guard name == nil || operands.isEmpty else {
            throw ArgumentError("Conflicting options: either specify --name or provide positional arg, not both")
        }
        session.output.print(
            try session.engine().createVolume(
                operands.first ?? name,
                labels: labels.dictionary,
                options: options.dictionary
            )
        )
        return .success
    }
}

/// `socle volume inspect`.
struct InspectVolumesCommand: Command {
    static let usage = Usage("VOLUME [VOLUME...]", 1...Usage.many, "Display detailed information on one or more volumes")
    static var flags: [Flag<Self>] {
        Flag.value("format", short: "f", \.format, "Format the output using the given Go template, or 'json'")
    }
    var operands: [String] = []
    var format: String?

    func run(in session: Session) throws -> ExitCode {
        try Inspection(format: format, session).show(operands, type: .volume)
    }
}

/// `socle volume rm`.
struct RemoveVolumesCommand: Command {
    static let usage = Usage("VOLUME [VOLUME...]", 1...Usage.many, "Remove one or more volumes")
    static var flags: [Flag<Self>] {
        Flag.toggle("force", short: "f", \.force, "Force the removal of one or more volumes")
    }
    var operands: [String] = []
    var force = false

    func run(in session: Session) throws -> ExitCode {
        let engine = try session.engine()
        return Each.do(operands, Self.errorStyle, session) { name in
            do { try engine.removeVolume(name) } catch let failure as any Failure
                where force && failure.kind == .notFound
            {}  // what was to be gone is gone
            session.output.print(name)
        }
    }
}

/// `socle volume prune`.
struct PruneVolumesCommand: Command {
    static let usage = Usage("", 0...0, "Remove unused local volumes")
    static var flags: [Flag<Self>] {
        Flag.toggle("all", short: "a", \.takesAll, "Remove all unused volumes, not just anonymous ones")
        Flag.list("filter", \.filters, as: "filter", "Provide filter values (e.g. 'label=<label>')")
        Flag.toggle("force", short: "f", \.isForced, "Do not prompt for confirmation")
    }
    var operands: [String] = []
    var takesAll = false
    var filters: [Filter] = []
    var isForced = false

    func run(in session: Session) throws -> ExitCode {
        try filters.require(among: ["label", "label!", "all"])
        let takesAll = try takesAll || filters.last { $0.name == "all" }.map { try Bool(argument: $0.value) } == true
        let kind = takesAll ? "all local volumes" : "anonymous local volumes"
        var report = PruneReport()
        if isForced || PruneText.confirm("WARNING! This will remove \(kind) not used by at least one container.\n", session.output) {
            let labels = try PruneFilters.parse(filters, now: .now, others: ["all"]).labels
            report = try session.engine().pruneVolumes { volume in
                (takesAll || volume.isAnonymous) && labels.accepts(volume.labels)
            }
        }
        session.output.write(PruneText.report(report))
        return .success
    }
}
