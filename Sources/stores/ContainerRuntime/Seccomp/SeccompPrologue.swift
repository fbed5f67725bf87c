internal import Reporting

/// Instructions in front of what libseccomp compiles, for what it gets wrong on a kernel newer than itself.
///
/// Calls that it doesn't know are answered here by number. Calls newer than every one that the profile names are answered
/// with `ENOSYS`, not the profile's `EPERM`: programs that probe for a new call then fall back to an old one.
struct SeccompPrologue: Sendable {
    static let x86: UInt32 = 0x4000_0003
    static let x86_64: UInt32 = 0xc000_003e
    /// libseccomp's own name for 64-bit programs with 32-bit pointers; the kernel marks them by a bit in the number.
    static let x32: UInt32 = 0x4000_003e
    static let arm: UInt32 = 0x4000_0028
    static let aarch64: UInt32 = 0xc000_00b7
    private static let x32Bit: UInt32 = 0x4000_0000

    /// Calls that came after libseccomp 2.5.4; from 424 on, every architecture numbers them alike.
    private static let recent: [String: UInt32] = [
        "cachestat": 451, "fchmodat2": 452, "map_shadow_stack": 453, "futex_wake": 454, "futex_wait": 455,
        "futex_requeue": 456, "statmount": 457, "listmount": 458, "lsm_get_self_attr": 459, "lsm_set_self_attr": 460,
        "lsm_list_modules": 461, "mseal": 462, "setxattrat": 463, "getxattrat": 464, "listxattrat": 465,
        "removexattrat": 466, "open_tree_attr": 467,
    ]
    private static let uretprobe: UInt32 = 335

    let architectures: [UInt32]
    private let fallback: UInt32
    /// The highest number that the profile names, by architecture.
    private var last: [UInt32: UInt32] = [:]
    private var rules: [(name: String, number: UInt32, action: UInt32)] = []

    init(architectures: [UInt32], fallback: UInt32) {
        self.architectures = architectures
        self.fallback = fallback
    }

    /// Notes a call that the profile names, by what libseccomp calls it; negative for one that isn't there.
    mutating func knows(_ number: CInt, on architecture: UInt32) {
        guard number >= 0 else { return }
        let plain = UInt32(number) & ~Self.x32Bit
        last[architecture] = max(last[architecture] ?? 0, plain)
    }

    /// Adds a call that libseccomp doesn't know; one that nobody knows is left out.
    mutating func add(_ name: String, action: UInt32, hasArguments: Bool) throws(RuntimeError) {
        if name == "uretprobe", architectures.contains(Self.x86_64) {
            rules.append((name, Self.uretprobe, action))
            return
        }
        guard let number = Self.recent[name] else { return }
        if hasArguments {
            throw RuntimeError(.unsupported, "seccomp: libseccomp is too old for comparisons of \(name)'s arguments")
        }
        rules.append((name, number, action))
        for architecture in architectures { last[architecture] = max(last[architecture] ?? 0, number) }
    }

    // MARK: - Instructions

    private static let noSuchCall: UInt32 = 0x0005_0000 | 38

    /// The prologue; whatever it doesn't answer falls through to what follows it.
    var bytes: [UInt8] {
        var program = [FilterInstruction(.load, FilterInstruction.architecture)]
        for architecture in architectures where architecture != Self.x32 {
            let block = self.block(for: architecture)
            guard !block.isEmpty else { continue }
            // Longer jumps than 255 are impossible; a block has a few dozen instructions.
            program.append(FilterInstruction(.equal, architecture, jumpFalse: UInt8(clamping: block.count)))
            program += block
        }
        return program.bytes
    }

    /// For one architecture: loads the call's number and answers, or falls through with the architecture loaded again.
    private func block(for architecture: UInt32) -> [FilterInstruction] {
        var body: [FilterInstruction] = []
        let own = rules.filter { $0.number != Self.uretprobe || architecture == Self.x86_64 }
        for rule in own where rule.action != fallback {
            body.append(FilterInstruction(.equal, rule.number, jumpFalse: 1))
            body.append(FilterInstruction(.answer, rule.action))
        }
        let hidesNew = fallback & 0xffff_0000 == 0x0005_0000 && fallback != Self.noSuchCall
        if hidesNew, let last = last[architecture] {
            body.append(FilterInstruction(.greaterOrEqual, last + 1, jumpFalse: 1))
            body.append(FilterInstruction(.answer, Self.noSuchCall))
        }
        guard !body.isEmpty else { return [] }
        // Most calls are older than the first that is answered here.
        let first = min(own.map(\.number).min() ?? .max, (last[architecture] ?? .max - 1) + 1)
        var block = [FilterInstruction(.load, 0)]
        if architecture == Self.x86_64 {
            let compatible = hidesNew ? (last[Self.x32] ?? .max).addingReportingOverflow(1).partialValue : 0
            // Calls with the bit set are another architecture's: all that can be said here is that they are too new.
            let limit = compatible == 0 || compatible > Self.x32Bit ? UInt32.max : compatible | Self.x32Bit
            block.append(FilterInstruction(.anyBit, Self.x32Bit, jumpFalse: 2))
            block.append(
                FilterInstruction(.greaterOrEqual, limit, jumpFalse: UInt8(clamping: body.count + 2))
            )
            block.append(FilterInstruction(.answer, Self.noSuchCall))
        }
        block.append(FilterInstruction(.greaterOrEqual, first, jumpFalse: UInt8(clamping: body.count)))
        // The next architecture's block compares the architecture again.
        return block + body + [FilterInstruction(.load, 4)]
    }
}
