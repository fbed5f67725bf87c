internal import CLinuxShims
internal import LinuxSystem
internal import OCISpec

/// Device rules as a program for a version 2 control group: the last rule that fits decides, so they are asked in reverse
/// order, and the first that fits answers.
///
/// The kernel calls the program with `{ access_type: (access << 16 | type), major, minor }`; it answers 1 to allow.
struct DeviceProgram: Sendable {
    /// One instruction of the kernel's virtual machine.
    struct Instruction: Hashable, Sendable {
        var code: UInt8
        /// The destination in the low, the source in the high four bits.
        var registers: UInt8 = 0
        var offset: Int16 = 0
        var immediate: Int32 = 0
    }

    private(set) var instructions: [Instruction] = []

    private static let (type, access, major, minor, scratch): (UInt8, UInt8, UInt8, UInt8, UInt8) = (2, 3, 4, 5, 1)

    init(_ rules: [RuntimeSpec.DeviceRule]) {
        load(Self.type, from: 0)
        emit(0x57, Self.type, 0xffff)  // type &= 0xffff
        load(Self.access, from: 0)
        emit(0x77, Self.access, 16)  // access >>= 16
        load(Self.major, from: 4)
        load(Self.minor, from: 8)
        for rule in rules.reversed() {
            let block = Self(of: rule)
            instructions += block.instructions
            // The kernel takes no program with instructions that are never reached.
            if block.isAnswer { return }
        }
        answer(false)
    }

    /// Loads the program and puts it on the group whose directory is `group`. It stays as long as the group does.
    func attach(to group: CInt) throws(SystemError) {
        let program = try check("bpf") {
            instructions.withUnsafeBytes { linux_device_program_load($0.baseAddress, $0.count / 8) }
        }
        let descriptor = OwnedDescriptor(adopting: program)
        try check("bpf") { linux_device_program_attach(descriptor.raw, group) }
    }

    /// What asks one rule, and goes on behind its end where that doesn't fit.
    private init(of rule: RuntimeSpec.DeviceRule) {
        let types: [String: Int32] = ["b": 1, "c": 2, "u": 2]
        if let kind = rule.type.flatMap({ types[$0] }) { skipUnless(Self.type, equals: kind) }
        let letters = rule.access ?? "rwm"
        let bits = letters.reduce(Int32(0)) { $0 | ($1 == "m" ? 1 : $1 == "r" ? 2 : $1 == "w" ? 4 : 0) }
        if bits != 7 {
            // Allowed only if nothing else is wanted; denied as soon as any of it is.
            emit(0xbf, Self.scratch | Self.access << 4)
            emit(0x57, Self.scratch, rule.allow ? 7 & ~bits : bits)
            emit(rule.allow ? 0x55 : 0x15, Self.scratch, 0, offset: Self.unresolved)
        }
        if let number = rule.major, number >= 0 {
            skipUnless(Self.major, equals: Int32(truncatingIfNeeded: number))
        }
        if let number = rule.minor, number >= 0 {
            skipUnless(Self.minor, equals: Int32(truncatingIfNeeded: number))
        }
        answer(rule.allow)
        for index in instructions.indices where instructions[index].offset == Self.unresolved {
            instructions[index].offset = Int16(instructions.count - index - 1)
        }
    }

    /// Whether nothing is asked, so that what follows is never reached.
    private var isAnswer: Bool { instructions.count == 2 }

    /// A jump to the end of the rule, filled in when its length is known.
    private static let unresolved: Int16 = -1

    private mutating func load(_ register: UInt8, from offset: Int16) {
        instructions.append(Instruction(code: 0x61, registers: register | 1 << 4, offset: offset))
    }

    private mutating func emit(_ code: UInt8, _ registers: UInt8, _ immediate: Int32 = 0, offset: Int16 = 0) {
        instructions.append(Instruction(code: code, registers: registers, offset: offset, immediate: immediate))
    }

    private mutating func skipUnless(_ register: UInt8, equals value: Int32) {
        emit(0x55, register, value, offset: Self.unresolved)
    }

    private mutating func answer(_ allow: Bool) {
        emit(0xb7, 0, allow ? 1 : 0)
        emit(0x95, 0)
    }
}
