import Glibc
import LinuxSystem
import OCISpec
import SocleTesting
import SystemPackage
import Testing

@testable import ContainerRuntime

/// Compiled filters, run by a small machine of the tests' own.
@Suite(.enabled(if: access("/usr/lib/x86_64-linux-gnu/libseccomp.so.2", R_OK) == 0, "needs libseccomp on x86_64"))
struct SeccompTests {
    private static let allow: UInt32 = 0x7fff_0000
    private static func errno(_ number: UInt32) -> UInt32 { 0x5_0000 | number }

    private func program(_ capabilities: [String] = RuntimeDefaults.capabilities) throws -> [UInt8] {
        try SeccompCompiler.compile(SeccompProfile.docker.specification(capabilities: capabilities, machine: .x86_64))
    }

    /// What a program answers to a call.
    private func run(
        _ program: [UInt8],
        _ number: UInt32,
        _ arguments: [UInt64] = [],
        on architecture: UInt32 = SeccompPrologue.x86_64
    ) -> UInt32 {
        var data = [number, architecture, 0, 0]
        for index in 0..<6 {
            let value = index < arguments.count ? arguments[index] : 0
            data += [UInt32(truncatingIfNeeded: value), UInt32(value >> 32)]
        }
        var (accumulator, at): (UInt32, Int) = (0, 0)
        while at * 8 < program.count {
            let bytes = program[(at * 8)...].prefix(8).map { UInt32($0) }
            let (code, yes, no) = (bytes[0] | bytes[1] << 8, Int(bytes[2]), Int(bytes[3]))
            let value = bytes[4] | bytes[5] << 8 | bytes[6] << 16 | bytes[7] << 24
            at += 1
            switch code {
            case 0x20: accumulator = data[Int(value) / 4]
            case 0x06: return value
            case 0x05: at += Int(value)
            case 0x15: at += accumulator == value ? yes : no
            case 0x25: at += accumulator > value ? yes : no
            case 0x35: at += accumulator >= value ? yes : no
            case 0x45: at += accumulator & value != 0 ? yes : no
            case 0x54: accumulator &= value
            default: return 0xdead
            }
        }
        return 0xdead
    }

    @Test func dockersProfile() throws {
        let program = try program()
        #expect(program.count % 8 == 0 && program.count / 8 < 4096)
        #expect(run(program, 0) == Self.allow)  // read
        #expect(run(program, 165) == Self.errno(1))  // mount
        #expect(run(program, 425) == Self.errno(1))  // io_uring_setup
        #expect(run(program, 435) == Self.errno(38))  // clone3
        #expect(run(program, 56, [0x11]) == Self.allow)  // clone as fork does it
        #expect(run(program, 56, [0x1000_0000]) == Self.errno(1))  // clone of a user namespace
        #expect(run(program, 135, [0x2_0008]) == Self.allow && run(program, 135, [1]) == Self.errno(1))  // personality
        for (family, answer) in [
            (2, Self.allow), (38, Self.errno(1)), (39, Self.allow), (40, Self.errno(1)), (41, Self.allow),
        ] {
            #expect(run(program, 41, [UInt64(family)]) == answer)  // socket
        }
    }

    @Test func callsThatLibseccompDoesNotKnow() throws {
        let program = try program()
        for number: UInt32 in [335, 451, 452, 453, 457, 458, 462, 463, 466] {
            #expect(run(program, number) == Self.allow)
        }
        for number: UInt32 in [459, 460, 461] { #expect(run(program, number) == Self.errno(1)) }
        #expect(run(program, 467) == Self.errno(38) && run(program, 5000) == Self.errno(38))
        #expect(run(try self.program(["CAP_SYS_ADMIN"]), 459) == Self.allow)
    }

    @Test func otherArchitectures() throws {
        let program = try program()
        let x86 = SeccompPrologue.x86
        #expect(run(program, 20, on: x86) == Self.allow)  // getpid
        #expect(run(program, 21, on: x86) == Self.errno(1))  // mount
        #expect(run(program, 462, on: x86) == Self.allow && run(program, 500, on: x86) == Self.errno(38))
        #expect(run(program, 0x4000_0003) == Self.allow)  // x32's close, whose number looks like an architecture
        #expect(run(program, 0x4000_0000 + 165) == Self.errno(1))
        #expect(run(program, 0x4000_0000 + 5000) == Self.errno(38))
        #expect(run(program, 0, on: SeccompPrologue.aarch64) == 0)  // killed
    }

    /// The short form answers what libseccomp's does, to every call, of programs of every kind.
    @Test(arguments: ["", "CAP_SYS_ADMIN", "CAP_SYS_CHROOT CAP_SYS_TIME CAP_BPF CAP_SYS_PTRACE", "a profile of all comparisons"])
    func theShortFormAnswersTheSame(_ kind: String) throws {
        var profile = SeccompProfile.docker.specification(
            capabilities: kind.split(separator: " ").map(String.init),
            machine: .x86_64
        )
        if kind.hasPrefix("a ") { Self.compareEverything(&profile) }
        let (long, architectures) = try SeccompCompiler.long(profile)
        let short = FilterSearch.form(of: long, architectures: architectures)
        #expect(short.count * 10 < long.count * 8, "\(short.count / 8) of \(long.count / 8) instructions")
        var random = SystemRandomNumberGenerator()
        let odd: [UInt64] = [0, 1, 2, 8, 38, 40, 0x11, 0x1000_0000, 0x2_0008, 0xffff_ffff, 1 << 32, 1 << 32 | 8, .max]
        for architecture in architectures + [SeccompPrologue.aarch64, 0] {
            for number in [0..<700, 0x3fff_ff00..<0x4000_0300, 0x7fff_fff0..<0x8000_0010, 0xffff_fff0..<UInt32.max].joined() {
                let some = [0, 3, 16, 17, 21, 29, 33, 34, 35, 41, 54, 56, 63, 102, 120, 135, 136, 162, 180, 359].contains(number & 0xfff) ? 60 : 2
                for _ in 0..<some {
                    let arguments = (0..<6).map { _ in odd.randomElement(using: &random) ?? 0 }
                    let expected = run(long, number, arguments, on: architecture)
                    let found = run(short, number, arguments, on: architecture)
                    try #require(found == expected, "call \(number) of \(architecture): \(arguments)")
                }
            }
        }
    }

    private static func compareEverything(_ profile: inout RuntimeSpec.Seccomp) {
        let calls = ["ioctl", "pread64", "read", "access", "dup2", "pause", "nanosleep"]
        for index in profile.syscalls?.indices ?? 0..<0 { profile.syscalls?[index].names.removeAll { calls.contains($0) } }
        let operations = ["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"]
        for (call, operation) in zip(calls, operations) {
            let large = RuntimeSpec.SyscallArgument(1, "SCMP_CMP_\(operation)", 1 << 32 | 8, valueTwo: 8)
            let small = RuntimeSpec.SyscallArgument(3, "SCMP_CMP_\(operation)", 40, valueTwo: 40)
            profile.syscalls?.append(.init([call], action: "SCMP_ACT_ALLOW", args: [large, small]))
        }
    }

    /// What isn't understood stays as it is.
    @Test func oddProgramsStayAsTheyAre() {
        let odd: [[UInt8]] = [
            [], [1, 2, 3], [0x07, 0, 0, 0, 0, 0, 0, 0], [0x20, 0, 0, 0, 0, 0, 0, 0], [0x05, 0, 0, 0, 255, 255, 255, 255],
            [FilterInstruction(.load, 4), .init(.greater, 7), .init(.answer, 1)].bytes,
            [FilterInstruction(.load, 0), .init(.mask, 7), .init(.answer, 1)].bytes,
        ]
        for program in odd { #expect(FilterSearch.form(of: program, architectures: [SeccompPrologue.x86_64]) == program) }
    }

    @Test func aProgramIsKeptAndTakenAgain() throws {
        let root = try TemporaryRoot()
        let cache = SeccompProgram(directory: root("kept"), kernel: "6.1")
        let profile = SeccompProfile.docker.specification(capabilities: [], machine: .x86_64)
        let first = try cache.bytes(of: profile)
        let names = try Directory.open(root("kept")).names().map { String(decoding: $0, as: UTF8.self) }
        #expect(names == [cache.key(profile).hex + ".bpf"])
        #expect(try cache.bytes(of: profile) == first)
        #expect(cache.key(profile) != SeccompProgram(directory: root("kept"), kernel: "6.2").key(profile))
        // Damage is noticed, and made good.
        let file = try Directory.open(root("kept")).open(PathBytes(names[0]), flags: O_RDWR)
        lseek(file.raw, -4, SEEK_END)
        try DescriptorIO.write(file.raw, [1, 2, 3, 4].span)
        #expect(try cache.bytes(of: profile) == first)
    }

    @Test func whatCannotBeCompiledIsSaid() {
        for change: (inout RuntimeSpec.Seccomp) -> Void in [
            { $0.defaultAction = "SCMP_ACT_NOTIFY" }, { $0.architectures = ["SCMP_ARCH_PDP11"] },
            {
                $0.syscalls = [
                    .init(["read"], action: "SCMP_ACT_ERRNO", errnoRet: 9, args: [.init(9, "SCMP_CMP_EQ", 1)])
                ]
            },
        ] {
            var seccomp = RuntimeSpec.Seccomp(defaultAction: "SCMP_ACT_ALLOW")
            change(&seccomp)
            #expect(throws: RuntimeError.self) { try SeccompCompiler.compile(seccomp) }
        }
    }
}
