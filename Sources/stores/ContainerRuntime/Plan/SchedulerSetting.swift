internal import OCISpec
internal import Reporting

/// How the kernel shares out processors to the program: `sched_setattr`.
package struct SchedulerSetting: Sendable, Hashable, CustomStringConvertible {
    private var policy: UInt32
    private var flags: UInt64
    private var nice: Int32
    private var priority: UInt32
    private var runtime: UInt64
    private var deadline: UInt64
    private var period: UInt64

    private static let policies: [String: UInt32] = [
        "SCHED_OTHER": 0, "SCHED_FIFO": 1, "SCHED_RR": 2, "SCHED_BATCH": 3, "SCHED_IDLE": 5, "SCHED_DEADLINE": 6,
    ]
    private static let flagBits: [String: UInt64] = [
        "SCHED_FLAG_RESET_ON_FORK": 1, "SCHED_FLAG_RECLAIM": 2, "SCHED_FLAG_DL_OVERRUN": 4,
        "SCHED_FLAG_KEEP_POLICY": 8, "SCHED_FLAG_KEEP_PARAMS": 16, "SCHED_FLAG_UTIL_CLAMP_MIN": 32,
        "SCHED_FLAG_UTIL_CLAMP_MAX": 64,
    ]

    init(_ scheduler: RuntimeSpec.Scheduler) throws(RuntimeError) {
        guard let policy = Self.policies[scheduler.policy] else {
            throw RuntimeError(.invalidArgument, "invalid scheduler policy: \(scheduler.policy)")
        }
        self.policy = policy
        flags = 0
        for name in scheduler.flags ?? [] {
            guard let bit = Self.flagBits[name] else {
                throw RuntimeError(.invalidArgument, "invalid scheduler flag: \(name)")
            }
            flags |= bit
        }
        nice = scheduler.nice ?? 0
        priority = UInt32(bitPattern: scheduler.priority ?? 0)
        runtime = scheduler.runtime ?? 0
        deadline = scheduler.deadline ?? 0
        period = scheduler.period ?? 0
        guard (-20...19).contains(nice) else {
            throw RuntimeError(.invalidArgument, "invalid scheduler.nice: \(nice) is not in -20...19")
        }
    }

    /// `struct sched_attr` in its first form.
    var encoded: [UInt8] {
        func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
        return bytes(UInt32(48)) + bytes(policy) + bytes(flags) + bytes(nice) + bytes(priority) + bytes(runtime)
            + bytes(deadline) + bytes(period)
    }

    package var description: String { "policy \(policy) nice \(nice) priority \(priority)" }
}
