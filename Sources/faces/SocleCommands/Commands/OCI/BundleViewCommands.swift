import BundleRuntime
import ContainerMonitor
import ContainerRuntime
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// A container's state as the command line shows it.
private struct ShownState {
    var record: BundleRecord
    var status: BundleStatus

    /// As runc's `state` and `list` have it; only `list` looks up the owner.
    func value(owner: String) -> JSONValue {
        var value: JSONObject = [
            "ociVersion": .string(record.ociVersion), "id": .string(record.id), "pid": .integer(Int64(pid)),
            "status": .string(status.rawValue), "bundle": .string(record.bundle), "rootfs": .string(record.rootfs),
            "created": .string(record.created),
        ]
        if let annotations = record.annotations, !annotations.isEmpty {
            value["annotations"] = .object(JSONObject(annotations))
        }
        value["owner"] = .string(owner)
        return .object(value)
    }

    var pid: Int32 { status == .stopped ? 0 : record.process?.pid ?? 0 }
    var owner: String { record.owner == 0 ? "root" : "#\(record.owner)" }
}

/// `socle oci state`.
struct BundleStateCommand: OCICommand {
    static let usage = Usage("CONTAINER", 1...1, "Show the state of a container")
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        let (record, status) = try session.oci.containers.status(operands[0])
        session.output.print(ShownState(record: record, status: status).value(owner: "").serialized(indent: 2))
        return .success
    }
}

/// `socle oci list`.
struct ListBundlesCommand: OCICommand {
    static let usage = Usage("", 0...0, "List the containers of the state folder")
    @FlagListing<Self> static var flags: [Flag<Self>] {
        Flag.value("format", short: "f", \.format, as: "table|json", "Format of the list (default \"table\")")
        Flag.toggle("quiet", short: "q", \.isQuiet, "Show only the ids")
    }
    var operands: [String] = []
    var format = "table"
    var isQuiet = false

    func run(in session: Session) throws -> ExitCode {
        let states = try session.oci.containers.list().map { ShownState(record: $0.record, status: $0.status) }
        if isQuiet {
            for state in states { session.output.print(state.record.id) }
            return .success
        }
        switch format {
        case "json":
            let list = JSONValue.array(states.map { $0.value(owner: $0.owner) })
            session.output.print(states.isEmpty ? "null" : list.serialized())
        case "table":
            let rows = states.map { state in
                [
                    state.record.id, "\(state.pid)", state.status.rawValue, GoText.printable(state.record.bundle),
                    state.record.created, state.owner,
                ]
                .joined(separator: "\t")
            }
            let text = (["ID\tPID\tSTATUS\tBUNDLE\tCREATED\tOWNER"] + rows).joined(separator: "\n")
            session.output.print(TabWriter(minimumWidth: 12, padding: 3).aligned(text))
        default: throw ArgumentError("invalid format option")
        }
        return .success
    }
}

/// `socle oci ps`.
struct BundleProcessesCommand: OCICommand {
    static let usage: Usage = {
        var usage = Usage("CONTAINER [PS OPTIONS]", 1...Usage.many, "Show the processes of a container")
        usage.stopsAtOperand = true
        return usage
    }()
    static var flags: [Flag<Self>] {
        Flag.value("format", short: "f", \.format, as: "table|json", "Format of the list (default \"table\")")
    }
    var operands: [String] = []
    var format = "table"

    func run(in session: Session) throws -> ExitCode {
        let processes = try session.oci.containers.processes(operands[0])
        switch format {
        case "json": session.output.print(JSONValue.array(processes.map { .integer(Int64($0)) }).serialized())
        case "table":
            let options = operands.count > 1 ? Array(operands.dropFirst()) : ["-ef"]
            session.output.write(try table(options, Set(processes.map(String.init))))
        default: throw ArgumentError("invalid format option")
        }
        return .success
    }

    /// The lines of the host's own `ps` that are about the container's processes.
    private func table(_ options: [String], _ processes: Set<String>) throws -> String {
        let file = try MemoryFile.make(name: "ps", bytes: [])
        let status = try ChildProgram(["ps"] + options).run(input: 0, output: file.raw, error: 2)
        guard status == 0 else { throw PlainFailure(.internal, "ps ended with status \(status)") }
        try DescriptorIO.seek(file.raw, to: 0)
        let text = String(decoding: try DescriptorIO.readAll(file.raw, limit: 64 << 20), as: UTF8.self)
        let lines = text.split(separator: "\n")
        let columns = lines.first?.split(separator: " ").map(String.init) ?? []
        guard let column = columns.firstIndex(of: "PID") else {
            throw PlainFailure(.invalidArgument, "couldn't find PID field in ps output")
        }
        return lines.enumerated().filter { index, line in
            let fields = line.split(separator: " ", maxSplits: column + 1)
            return index == 0 || fields.count > column && processes.contains(String(fields[column]))
        }
        .map { $0.element + "\n" }.joined()
    }
}

/// `socle oci events`.
struct BundleEventsCommand: OCICommand {
    static let usage = Usage("CONTAINER", 1...1, "Show what a container uses, again and again, and when its memory runs out")
    @FlagListing<Self> static var flags: [Flag<Self>] {
        Flag.value("interval", \.interval, as: "duration", "How often (default \"5s\")")
        Flag.toggle("stats", \.once, "Show what it uses once")
    }
    var operands: [String] = []
    var interval = IntervalArgument(duration: .seconds(5))
    var once = false

    func run(in session: Session) throws -> ExitCode {
        let (id, containers) = (operands[0], session.oci.containers)
        let first = try containers.statistics(id)
        if once {
            session.output.print(event("stats", id, first))
            return .success
        }
        var wasOut = try containers.ranOutOfMemory(id)
        while true {
            Terminal.sleep(interval.duration)
            guard let statistics = try? containers.statistics(id), let status = try? containers.status(id).status,
                status != .stopped
            else { return .success }
            session.output.print(event("stats", id, statistics))
            let isOut = (try? containers.ranOutOfMemory(id)) ?? false
            if isOut, !wasOut { session.output.print(event("oom", id, nil)) }
            wasOut = isOut
        }
    }

    private func event(_ type: String, _ id: String, _ data: JSONValue?) -> String {
        var event: JSONObject = ["type": .string(type), "id": .string(id)]
        event["data"] = data
        return JSONValue.object(event).serialized()
    }
}

/// A time between two looks, as Go writes durations: `5s`, `1500ms`.
struct IntervalArgument: ArgumentValue {
    var duration: Duration

    init(duration: Duration) { self.duration = duration }

    init(argument: String) throws(ArgumentError) {
        let nanoseconds = try DurationArgument(argument: argument).nanoseconds
        guard nanoseconds > 0 else { throw ArgumentError("duration interval must be greater than 0") }
        duration = .nanoseconds(nanoseconds)
    }
}
