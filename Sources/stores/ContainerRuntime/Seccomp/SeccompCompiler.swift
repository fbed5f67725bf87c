internal import CSeccomp
private import Glibc
internal import LinuxSystem
internal import OCISpec
internal import Reporting

/// Makes a kernel program of a filter: libseccomp compiles the rules for the calls that it knows, `SeccompPrologue` goes
/// in front for those that it doesn't, and `FilterSearch` makes both short.
enum SeccompCompiler {
    static func compile(_ seccomp: RuntimeSpec.Seccomp) throws(RuntimeError) -> [UInt8] {
        let (filter, architectures) = try long(seccomp)
        return FilterSearch.form(of: filter, architectures: architectures)
    }

    /// The filter before it is made short, and the architectures that it knows, as the kernel calls them.
    static func long(
        _ seccomp: RuntimeSpec.Seccomp
    ) throws(RuntimeError) -> (filter: [UInt8], architectures: [UInt32]) {
        try seccomp.checkListener()
        guard syscall_filter_load() != 0 else {
            throw RuntimeError(
                .unsupported,
                "libseccomp.so.2 can't be loaded",
                hint: "install libseccomp2, or run without a profile"
            )
        }
        let fallback = try action(seccomp.defaultAction, seccomp.defaultErrnoRet)
        guard let filter = syscall_filter_begin(fallback) else {
            throw RuntimeError(.exhausted, "no memory for a seccomp filter")
        }
        defer { syscall_filter_end(filter) }

        let names = seccomp.architectures ?? []
        let architectures = try (names.isEmpty ? [SeccompProfile.Machine.host.architectures[0]] : names).map {
            (name) throws(RuntimeError) in try architecture(name)
        }
        for architecture in architectures {
            try expect(syscall_filter_add_architecture(filter, architecture), "adding an architecture")
        }
        try expect(syscall_filter_optimise(filter), "choosing the filter's form")

        var prologue = SeccompPrologue(architectures: architectures, fallback: fallback)
        for rule in seccomp.syscalls ?? [] {
            let action = try action(rule.action, rule.errnoRet)
            for name in rule.names {
                try add(name, action: action, arguments: rule.args ?? [], to: filter, &prologue, fallback: fallback)
            }
        }
        return (prologue.bytes + (try written(filter)), architectures.filter { $0 != SeccompPrologue.x32 })
    }

    private static func add(
        _ name: String,
        action: UInt32,
        arguments: [RuntimeSpec.SyscallArgument],
        to filter: UnsafeMutableRawPointer,
        _ prologue: inout SeccompPrologue,
        fallback: UInt32
    ) throws(RuntimeError) {
        for architecture in prologue.architectures {
            prologue.knows(syscall_filter_call_number_on(architecture, name), on: architecture)
        }
        let number = syscall_filter_call_number(name)
        guard number != SYSCALL_FILTER_UNKNOWN else {
            // A name that nobody knows is not an error: profiles name calls of every machine and every kernel.
            return try prologue.add(name, action: action, hasArguments: !arguments.isEmpty)
        }
        if action == fallback { return }
        let comparisons = try arguments.map { (argument) throws(RuntimeError) in try comparison(argument) }
        // Several comparisons of the same argument mean "or": libseccomp takes one rule for each.
        let repeats = Set(comparisons.map(\.argument)).count < comparisons.count
        for group in repeats ? comparisons.map({ [$0] }) : [comparisons] {
            try expect(
                syscall_filter_add_rule(filter, action, number, group, UInt32(group.count)),
                "adding a rule for \(name)"
            )
        }
    }

    private static func written(_ filter: UnsafeMutableRawPointer) throws(RuntimeError) -> [UInt8] {
        do {
            let file = try MemoryFile.make(name: "seccomp", bytes: [])
            try expect(syscall_filter_write(filter, file.raw), "compiling the filter")
            try check("lseek") { lseek(file.raw, 0, SEEK_SET) }
            return try DescriptorIO.readAll(file.raw, limit: 1 << 20)
        } catch let error as SystemError {
            throw RuntimeError("compiling the seccomp filter", error)
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw RuntimeError(.internal, "compiling the seccomp filter: \(error)")
        }
    }

    private static func expect(_ result: CInt, _ purpose: String) throws(RuntimeError) {
        guard result == 0 else { throw RuntimeError(.invalidArgument, "seccomp: \(purpose): error \(-result)") }
    }

    // MARK: - Names

    private static func action(_ name: String, _ errno: UInt32?) throws(RuntimeError) -> UInt32 {
        switch name {
        case "SCMP_ACT_ALLOW": return 0x7fff_0000
        case "SCMP_ACT_LOG": return 0x7ffc_0000
        case "SCMP_ACT_TRAP": return 0x0003_0000
        case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": return 0
        case "SCMP_ACT_KILL_PROCESS": return 0x8000_0000
        case "SCMP_ACT_ERRNO": return 0x0005_0000 | ((errno ?? 1) & 0xffff)
        case RuntimeSpec.Seccomp.asking: return 0x7fc0_0000
        case "SCMP_ACT_TRACE": return 0x7ff0_0000 | ((errno ?? 1) & 0xffff)
        default: throw RuntimeError(.unsupported, "seccomp action \"\(name)\" is not supported")
        }
    }

    private static func architecture(_ name: String) throws(RuntimeError) -> UInt32 {
        switch name {
        case "SCMP_ARCH_X86": return SeccompPrologue.x86
        case "SCMP_ARCH_X86_64": return SeccompPrologue.x86_64
        case "SCMP_ARCH_X32": return SeccompPrologue.x32
        case "SCMP_ARCH_ARM": return SeccompPrologue.arm
        case "SCMP_ARCH_AARCH64": return SeccompPrologue.aarch64
        default: throw RuntimeError(.unsupported, "seccomp architecture \"\(name)\" is not one of this machine's")
        }
    }

    private static func comparison(_ argument: RuntimeSpec.SyscallArgument) throws(RuntimeError) -> syscall_comparison {
        let operations = [
            "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT",
            "SCMP_CMP_MASKED_EQ",
        ]
        guard let operation = operations.firstIndex(of: argument.op), argument.index < 6 else {
            throw RuntimeError(.invalidArgument, "seccomp comparison \"\(argument.op)\" of argument \(argument.index)")
        }
        return syscall_comparison(
            argument: argument.index,
            operation: UInt32(operation + 1),
            first: argument.value,
            second: argument.valueTwo ?? 0
        )
    }
}
