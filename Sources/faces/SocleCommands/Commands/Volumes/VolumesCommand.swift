import ContainerManagement
import SocleEngine

/// `socle volume ls`.
struct VolumesCommand: Command {
    static let usage = Usage("", 0...0, "List volumes")
    static var flags: [Flag<Self>] {
        Flag.list("filter", short: "f", \.filters, as: "filter", "Provide filter values (e.g. 'dangling=true')")
        Flag.value("format", \.format, "Pretty-print volumes using a Go template")
        Flag.toggle("quiet", short: "q", \.quiet, "Only display volume names")
    }
    var operands: [String] = []
    var filters: [Filter] = []
    var format: String?
    var quiet = false

    private static let headers = [
        "Driver": "DRIVER", "Name": "VOLUME NAME", "Scope": "SCOPE", "Mountpoint": "MOUNTPOINT", "Labels": "LABELS",
        "Links": "LINKS", "Size": "SIZE",
    ]

    func run(in session: Session) throws -> ExitCode {
        try filters.require(among: ["dangling", "driver", "label", "name"])
        let dangling = try filters.flag("dangling")
        let format = session.format(format, own: "volumesFormat", isQuiet: quiet)
        let listing = try Listing(format, standard: quiet ? "{{.Name}}" : "table {{.Driver}}\t{{.Name}}", Self.headers)
        let rows = try session.engine().listVolumes().filter { volume in
            filters.accept("driver") { $0 == "local" } && filters.accept("name") { volume.name.firstRange(of: $0) != nil }
                && filters.acceptLabels(volume.labels) && dangling.map { $0 == volume.containers.isEmpty } ?? true
        }.map(Self.row)
        session.output.write(try listing.text(rows))
        return .success
    }

    private static func row(_ volume: VolumeSummary) -> TemplateRow {
        TemplateRow(
            typeName: "*formatter.volumeContext",
            fields: [
                "Driver": "local", "Name": volume.name, "Scope": "local", "Mountpoint": volume.mountpoint,
                "Labels": volume.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","),
                // As with Docker, which counts them in `system df` only.
                "Links": "N/A", "Size": "N/A",
            ],
            labels: volume.labels
        )
    }
}
