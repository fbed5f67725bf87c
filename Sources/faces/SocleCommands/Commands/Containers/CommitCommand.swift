import ContainerManagement
import ContainerMonitor
import ImageManagement
import OCISpec
import Reporting
import SocleEngine

/// `socle commit`.
struct CommitCommand: Command {
    static let usage = Usage(
        "CONTAINER [REPOSITORY[:TAG]]",
        1...2,
        "Create a new image from a container's changes"
    )
    static var flags: [Flag<Self>] {
        Flag.value("author", short: "a", \.author, "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")")
        Flag.list("change", short: "c", \.changes, "Apply Dockerfile instruction to the created image")
        Flag.value("message", short: "m", \.message, "Commit message")
        Flag.toggle("pause", short: "p", \.pauses, "Pause container during commit (default true)")
    }
    var operands: [String] = []
    var author: String?
    var changes: [String] = []
    var message: String?
    var pauses = true

    func run(in session: Session) throws -> ExitCode {
        var options = CommitOptions()
        if operands.count == 2, !operands[1].isEmpty { options.tag = try ImageReference.forTagging(operands[1]) }
        options.author = author
        options.changes = changes
        options.message = message
        options.pauses = pauses
        session.output.print(try session.engine().commit(operands[0], options).id.description)
        return .success
    }
}

/// `socle update`.
struct UpdateCommand: Command {
    static let usage = Usage(
        "CONTAINER [CONTAINER...]",
        1...Usage.many,
        "Update configuration of one or more containers"
    )
    static var flags: [Flag<Self>] {
        Flag.value("cpu-period", \.cpuPeriod, as: "int", "Limit CPU CFS (Completely Fair Scheduler) period")
        Flag.value("cpu-quota", \.cpuQuota, as: "int", "Limit CPU CFS (Completely Fair Scheduler) quota")
        Flag.value("cpu-shares", short: "c", \.cpuShares, as: "int", "CPU shares (relative weight)")
        Flag.value("cpus", \.cpus, as: "decimal", "Number of CPUs")
        Flag.value("cpuset-cpus", \.cpusetCPUs, "CPUs in which to allow execution (0-3, 0,1)")
        Flag.value("cpuset-mems", \.cpusetMems, "MEMs in which to allow execution (0-3, 0,1)")
        Flag.value("memory", short: "m", \.memory, as: "bytes", "Memory limit")
        Flag.value("memory-reservation", \.memoryReservation, as: "bytes", "Memory soft limit")
        Flag.value(
            "memory-swap",
            \.memorySwap,
            as: "bytes",
            "Swap limit equal to memory plus swap: '-1' to enable unlimited swap"
        )
        Flag.value("pids-limit", \.pids, as: "int", "Tune container pids limit (set -1 for unlimited)")
        Flag.value("restart", \.restart, "Restart policy to apply when a container exits")
        Flag.refused(["blkio-weight", "cpu-rt-period", "cpu-rt-runtime", "kernel-memory"])
    }
    var operands: [String] = []
    var cpuPeriod: Int64?
    var cpuQuota: Int64?
    var cpuShares: Int64?
    var cpus: CPUCount?
    var cpusetCPUs: String?
    var cpusetMems: String?
    var memory: ByteSize?
    var memoryReservation: ByteSize?
    var memorySwap: SwapSize?
    var pids: Int64?
    var restart: String?

    func run(in session: Session) throws -> ExitCode {
        var asked = ResourceLimits()
        change(&asked)
        if asked == ResourceLimits(), restart == nil {
            throw ArgumentError("you must provide one or more flags when using this command")
        }
        let policy = try restart.map { text throws(PlainFailure) in try RestartPolicy(text) }
        let engine = try session.engine()
        return Each.do(operands, Self.errorStyle, session) { name in
            try engine.containers.update(name, restart: policy, change)
            session.output.print(name)
        }
    }

    private func change(_ limits: inout ResourceLimits) {
        if let memory { limits.memory = memory.bytes }
        if let memorySwap { limits.memorySwap = memorySwap.bytes }
        if let memoryReservation { limits.memoryReservation = memoryReservation.bytes }
        if let cpus { limits.nanoCPUs = cpus.billionths }
        if let cpuShares { limits.cpuShares = cpuShares }
        if let cpuPeriod { limits.cpuPeriod = cpuPeriod }
        if let cpuQuota { limits.cpuQuota = cpuQuota }
        if let cpusetCPUs { limits.cpusetCPUs = cpusetCPUs }
        if let cpusetMems { limits.cpusetMems = cpusetMems }
        if let pids { limits.pids = pids }
    }
}
