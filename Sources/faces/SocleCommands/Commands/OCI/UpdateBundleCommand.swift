import BundleRuntime
import OCISpec
import Reporting

/// `socle oci update`.
struct UpdateBundleCommand: OCICommand {
    static let usage = Usage("CONTAINER", 1...1, "Change limits of a container")
    @FlagListing<Self> static var flags: [Flag<Self>] {
        Flag.value("resources", short: "r", \.file, as: "path", "File with the limits as the specification has them; \"-\" is standard input")
        Flag.value("blkio-weight", \.weight, as: "int", "Weight of block devices, 10 to 1000")
        Flag.value("cpu-period", \.period, as: "int", "Period of the processor limit in microseconds")
        Flag.value("cpu-quota", \.quota, as: "int", "Processor time in a period in microseconds")
        Flag.value("cpu-share", \.shares, as: "int", "Processor shares")
        Flag.value("cpu-rt-period", \.realtimePeriod, as: "int", "Period of the realtime limit in microseconds")
        Flag.value("cpu-rt-runtime", \.realtimeRuntime, as: "int", "Realtime processor time in a period in microseconds")
        Flag.value("cpuset-cpus", \.processors, "Processors to use")
        Flag.value("cpuset-mems", \.nodes, "Memory nodes to use")
        Flag.value("memory", \.memory, as: "bytes", "Memory limit")
        Flag.value("memory-reservation", \.reservation, as: "bytes", "Soft memory limit")
        Flag.value("memory-swap", \.swap, as: "bytes", "Limit of memory and swap together; -1 is none")
        Flag.value("pids-limit", \.processes, as: "int", "Number of processes")
        Flag.refused(["l3-cache-schema", "mem-bw-schema", "kernel-memory", "kernel-memory-tcp"])
    }
    var operands: [String] = []
    var file: String?
    var weight: Int?
    var period: Int64?
    var quota: Int64?
    var shares: Int64?
    var realtimePeriod: Int64?
    var realtimeRuntime: Int64?
    var processors: String?
    var nodes: String?
    var memory: SwapSize?
    var reservation: SwapSize?
    var swap: SwapSize?
    var processes: Int64?

    func run(in session: Session) throws -> ExitCode {
        let resources = try file.map { try BundleDocuments.resources($0) } ?? asked()
        try session.oci.containers.update(operands[0], resources)
        return .success
    }

    private func asked() throws -> RuntimeSpec.Resources {
        var resources = RuntimeSpec.Resources()
        func natural(_ value: Int64?, _ name: String) throws -> UInt64? {
            guard let value else { return nil }
            guard value >= 0 else { throw ArgumentError("invalid value for \(name): \(value)") }
            return UInt64(value)
        }
        var cpu = RuntimeSpec.CPU()
        cpu.period = try natural(period, "cpu-period")
        cpu.quota = quota
        cpu.shares = try natural(shares, "cpu-share")
        cpu.realtimePeriod = try natural(realtimePeriod, "cpu-rt-period")
        cpu.realtimeRuntime = realtimeRuntime
        cpu.cpus = processors
        cpu.mems = nodes
        if cpu != RuntimeSpec.CPU() { resources.cpu = cpu }
        var limits = RuntimeSpec.Memory()
        limits.limit = memory?.bytes
        limits.reservation = reservation?.bytes
        limits.swap = swap?.bytes
        if limits != RuntimeSpec.Memory() { resources.memory = limits }
        if let processes { resources.pids = .init(limit: processes) }
        if let weight {
            guard let value = UInt16(exactly: weight) else { throw ArgumentError("invalid value for blkio-weight: \(weight)") }
            resources.blockIO = .init()
            resources.blockIO?.weight = value
        }
        return resources
    }
}
