import ContainerManagement
import ContainerRuntime
import SocleEngine

/// `socle stats`.
struct StatsCommand: Command {
    static let usage = Usage(
        "[CONTAINER...]",
        0...Usage.many,
        "Display a live stream of container(s) resource usage statistics"
    )
    static var flags: [Flag<Self>] {
        Flag.toggle("all", short: "a", \.all, "Show all containers (default shows just running)")
        Flag.value("format", \.format, "Format output: 'table', 'table TEMPLATE', 'json' or a Go template")
        Flag.toggle("no-stream", \.isSingle, "Disable streaming stats and only pull the first result")
        Flag.toggle("no-trunc", \.isWhole, "Do not truncate output")
    }
    var operands: [String] = []
    var all = false
    var format: String?
    var isSingle = false
    var isWhole = false

    private static let standard =
        "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}"
    private static let headers = [
        "ID": "CONTAINER ID", "Container": "CONTAINER", "Name": "NAME", "CPUPerc": "CPU %",
        "MemUsage": "MEM USAGE / LIMIT", "MemPerc": "MEM %", "NetIO": "NET I/O", "BlockIO": "BLOCK I/O",
        "PIDs": "PIDS",
    ]

    func run(in session: Session) throws -> ExitCode {
        let format = session.format(format, own: "statsFormat")
        let listing = try Listing(format, standard: Self.standard, Self.headers)
        let containers = try session.engine().containers
        let machine = containers.machineMemory()
        let redraws = format.map { $0.hasPrefix("table") } ?? true
        var before = try containers.usage(of: operands, all: all)
        while true {
            Terminal.sleep(.seconds(1))
            let now = try containers.usage(of: operands, all: all)
            let rows = now.map { sample in
                StatsRow(sample, since: before.first { $0.id == sample.id }, machine: machine).row(isWhole: isWhole)
            }
            let text = try listing.text(rows)
            if isSingle {
                session.output.write(text)
                return .success
            }
            session.output.write((redraws ? "\u{1b}[2J\u{1b}[H" : "") + text)
            before = now
        }
    }
}

/// A line of `stats`.
private struct StatsRow {
    private let sample: UsageSample
    private let earlier: UsageSample?
    private let machine: Int64

    init(_ sample: UsageSample, since earlier: UsageSample?, machine: Int64) {
        self.sample = sample
        self.earlier = earlier
        self.machine = machine
    }

    func row(isWhole: Bool) -> TemplateRow {
        let short = String(sample.id.prefix(12))
        let usage = sample.usage ?? GroupUsage()
        let limit = sample.usage == nil ? 0 : min(usage.memoryLimit ?? machine, machine)
        let share = limit > 0 ? Double(usage.memory) / Double(limit) * 100 : 0
        return TemplateRow(
            typeName: "*formatter.statsContext",
            fields: [
                "ID": isWhole ? sample.id : short, "Container": sample.asked ?? short, "Name": sample.name,
                "CPUPerc": Self.percent(processors),
                "MemUsage": "\(HumanSize.binary(usage.memory)) / \(HumanSize.binary(limit))",
                "MemPerc": Self.percent(share),
                "NetIO": "\(HumanSize.decimal(sample.received)) / \(HumanSize.decimal(sample.sent))",
                "BlockIO": "\(HumanSize.decimal(usage.blockRead)) / \(HumanSize.decimal(usage.blockWritten))",
                "PIDs": String(usage.processes),
            ]
        )
    }

    /// In percent of one processor.
    private var processors: Double {
        guard let now = sample.usage, let earlier, let before = earlier.usage, sample.time > earlier.time else {
            return 0
        }
        return max(0, Double(now.processorTime - before.processorTime)) / Double(sample.time - earlier.time) * 100
    }

    private static func percent(_ value: Double) -> String {
        let hundredths = Int64((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)%"
    }
}
