/// The processor that a file is for.
public struct ELFMachine: RawRepresentable, Hashable, Sendable {
    /// `e_machine`.
    public var rawValue: UInt16

    /// From `e_machine`.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Intel's 32 bit processors.
    public static let i386 = ELFMachine(rawValue: 3)
    /// MIPS.
    public static let mips = ELFMachine(rawValue: 8)
    /// PowerPC with 64 bits.
    public static let powerPC64 = ELFMachine(rawValue: 21)
    /// IBM Z.
    public static let s390 = ELFMachine(rawValue: 22)
    /// Arm's 32 bit processors.
    public static let arm = ELFMachine(rawValue: 40)
    /// AMD's and Intel's 64 bit processors.
    public static let x86_64 = ELFMachine(rawValue: 62)
    /// Arm's 64 bit processors.
    public static let aarch64 = ELFMachine(rawValue: 183)
    /// RISC-V.
    public static let riscv = ELFMachine(rawValue: 243)
    /// LoongArch.
    public static let loongArch = ELFMachine(rawValue: 258)
}

/// A processor with the width and order that a program uses it in: what decides whether two files fit together.
public struct ELFTarget: Hashable, Sendable {
    /// The processor.
    public var machine: ELFMachine
    /// Whether addresses have 64 bits.
    public var is64Bit: Bool
    /// Whether the first byte of a number is its greatest.
    public var isBigEndian: Bool

    /// A target from its parts.
    public init(_ machine: ELFMachine, is64Bit: Bool, isBigEndian: Bool = false) {
        self.machine = machine
        self.is64Bit = is64Bit
        self.isBigEndian = isBigEndian
    }

    /// The processor in Go's words, as images' platforms have it; a number for one that isn't known.
    public var architecture: String {
        switch (machine, is64Bit, isBigEndian) {
        case (.i386, _, _): "386"
        case (.x86_64, true, _): "amd64"
        case (.x86_64, false, _): "x32"
        case (.aarch64, _, false): "arm64"
        case (.arm, _, false): "arm"
        case (.powerPC64, _, false): "ppc64le"
        case (.powerPC64, _, true): "ppc64"
        case (.s390, true, _): "s390x"
        case (.riscv, true, _): "riscv64"
        case (.loongArch, true, _): "loong64"
        case (.mips, true, true): "mips64"
        case (.mips, true, false): "mips64le"
        case (.mips, false, true): "mips"
        case (.mips, false, false): "mipsle"
        default: "machine \(machine.rawValue)"
        }
    }

    /// Debian's name of the directory for this target's libraries; nil where Debian has none.
    public var multiarch: String? {
        switch architecture {
        case "386": "i386-linux-gnu"
        case "amd64": "x86_64-linux-gnu"
        case "arm64": "aarch64-linux-gnu"
        case "arm": "arm-linux-gnueabihf"
        case "ppc64le": "powerpc64le-linux-gnu"
        case "s390x": "s390x-linux-gnu"
        case "riscv64": "riscv64-linux-gnu"
        case "loong64": "loongarch64-linux-gnu"
        default: nil
        }
    }

    /// Where programs for this target expect the GNU C library's loader.
    public var glibcLoaders: [String] {
        switch architecture {
        case "386": ["/lib/ld-linux.so.2"]
        case "amd64": ["/lib64/ld-linux-x86-64.so.2"]
        case "x32": ["/libx32/ld-linux-x32.so.2"]
        case "arm64": ["/lib/ld-linux-aarch64.so.1"]
        case "arm": ["/lib/ld-linux-armhf.so.3", "/lib/ld-linux.so.3"]
        case "ppc64le": ["/lib64/ld64.so.2"]
        case "s390x": ["/lib/ld64.so.1"]
        case "riscv64": ["/lib/ld-linux-riscv64-lp64d.so.1"]
        case "loong64": ["/lib64/ld-linux-loongarch-lp64d.so.1"]
        default: []
        }
    }

    /// Where programs for this target expect musl's loader.
    public var muslLoaders: [String] {
        let names: [String] =
            switch architecture {
            case "386": ["i386"]
            case "amd64": ["x86_64"]
            case "arm64": ["aarch64"]
            case "arm": ["armhf", "arm"]
            case "ppc64le": ["powerpc64le"]
            case "s390x": ["s390x"]
            case "riscv64": ["riscv64"]
            case "loong64": ["loongarch64"]
            default: []
            }
        return names.map { "/lib/ld-musl-\($0).so.1" }
    }

    /// What the flags of a library in `ld.so.cache` are for this target; nil where they aren't known.
    public var cacheFlags: UInt32? {
        switch architecture {
        case "386": 0x0003
        case "amd64": 0x0303
        case "x32": 0x0803
        case "arm64": 0x0a03
        case "arm": 0x0903
        case "ppc64le": 0x0503
        case "s390x": 0x0403
        case "riscv64": 0x1003
        case "loong64": 0x1203
        default: nil
        }
    }
}
