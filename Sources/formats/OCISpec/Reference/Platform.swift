public import Reporting

/// An operating system and a processor, in Go's words and normalised: `linux/amd64`, `linux/arm/v7`.
///
/// `x86_64` and `aarch64` become `amd64` and `arm64`, and a variant that says nothing is dropped, so that equality means
/// what it says.
public struct Platform: Hashable, Sendable {
    /// The operating system, in Go's words.
    public let os: String
    /// The processor, in Go's words.
    public let architecture: String
    /// The kind of processor, `v7`.
    public let variant: String?
    /// Windows' version; kept for other people's indexes.
    public let osVersion: String?
    /// What the operating system must have, for Windows.
    public let osFeatures: [String]?

    /// Makes one from its parts.
    public init(
        os: String,
        architecture: String,
        variant: String? = nil,
        osVersion: String? = nil,
        osFeatures: [String]? = nil
    ) {
        let os = os.lowercased()
        self.os = os == "macos" ? "darwin" : os
        (self.architecture, self.variant) = Self.normalised(architecture.lowercased(), variant?.lowercased())
        self.osVersion = osVersion == "" ? nil : osVersion
        self.osFeatures = osFeatures
    }

    /// Linux on the processor that this program was compiled for.
    public static let host = Platform(os: "linux", architecture: hostArchitecture)

    private static var hostArchitecture: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #elseif arch(arm)
            "arm"
        #elseif arch(i386)
            "386"
        #elseif arch(powerpc64le)
            "ppc64le"
        #elseif arch(s390x)
            "s390x"
        #elseif arch(riscv64)
            "riscv64"
        #else
            "unknown"
        #endif
    }

    private static func normalised(_ architecture: String, _ variant: String?) -> (String, String?) {
        let variant = variant == "" ? nil : variant
        switch architecture {
        case "i386", "i486", "i586", "i686": return ("386", nil)
        case "x86_64", "x86-64", "amd64": return ("amd64", variant == "v1" ? nil : variant)
        case "aarch64", "arm64": return ("arm64", ["8", "v8", "v8.0"].contains(variant) ? nil : variant)
        case "armhf": return ("arm", "v7")
        case "armel": return ("arm", "v6")
        case "arm":
            guard let variant else { return ("arm", "v7") }
            return ("arm", ["5", "6", "7", "8"].contains(variant) ? "v\(variant)" : variant)
        default: return (architecture, variant)
        }
    }

    /// How well what is `offered` serves where this platform is wanted: 0 is exact, larger is worse, nil is not at all.
    ///
    /// A processor also runs what is made for its older variants: `arm/v7` takes `arm/v6`, `amd64/v3` takes `amd64`.
    public func distance(to offered: Platform) -> Int? {
        guard os == offered.os, architecture == offered.architecture else { return nil }
        if variant == offered.variant { return 0 }
        guard architecture == "arm" || architecture == "amd64", let own = level, let other = offered.level else {
            return nil
        }
        return own > other ? own - other : nil
    }

    private var level: Int? {
        guard let variant else { return architecture == "amd64" ? 1 : nil }
        return variant.hasPrefix("v") ? Int(variant.dropFirst()) : nil
    }
}

extension Platform: CustomStringConvertible {
    /// `os/architecture` and the variant if there is one.
    public var description: String { "\(os)/\(architecture)" + (variant.map { "/\($0)" } ?? "") }
}

extension Platform: Codable {
    private enum CodingKeys: String, CodingKey {
        case os, architecture, variant
        case osVersion = "os.version"
        case osFeatures = "os.features"
    }

    /// Reads it from JSON.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.object(keyedBy: CodingKeys.self)
        self.init(
            os: try container.decodeIfPresent(String.self, forKey: .os) ?? "",
            architecture: try container.decodeIfPresent(String.self, forKey: .architecture) ?? "",
            variant: try container.decodeIfPresent(String.self, forKey: .variant),
            osVersion: try container.decodeIfPresent(String.self, forKey: .osVersion),
            osFeatures: try container.decodeIfPresent([String].self, forKey: .osFeatures)
        )
    }
}

extension Platform {
    /// Reads what `--platform` takes: `linux/arm64`, `linux/arm/v7`, or one word that is a known system or processor;
    /// the host gives the other half.
    public init(parsing text: String) throws(PlatformError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for part in parts where part.isEmpty || !part.utf8.allSatisfy(Self.isComponentByte) {
            throw PlatformError(.component(part), text)
        }
        switch parts.count {
        case 1:
            let word = parts[0].lowercased()
            if Self.systems.contains(word) {
                self.init(os: word, architecture: Platform.host.architecture)
                return
            }
            let platform = Platform(os: Platform.host.os, architecture: word)
            guard Self.processors.contains(platform.architecture) else { throw PlatformError(.unknown, text) }
            self = platform
        case 2: self.init(os: parts[0], architecture: parts[1])
        case 3: self.init(os: parts[0], architecture: parts[1], variant: parts[2])
        default: throw PlatformError(.tooManyParts, text)
        }
    }

    private static func isComponentByte(_ byte: UInt8) -> Bool {
        ReferenceGrammar.isAlphanumeric(byte) || "_.-".utf8.contains(byte)
    }

    private static let systems: Set<String> = [
        "aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "macos", "netbsd",
        "openbsd", "plan9", "solaris", "wasip1", "windows",
    ]

    private static let processors: Set<String> = [
        "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le",
        "riscv64", "s390x", "wasm",
    ]
}

/// Text that is not a platform.
public struct PlatformError: Failure, Hashable {
    /// What is wrong.
    public enum Reason: Sendable, Hashable { case component(String), unknown, tooManyParts }

    /// What is wrong.
    public var reason: Reason
    /// The text that was given.
    public var text: String

    init(_ reason: Reason, _ text: String) {
        self.reason = reason
        self.text = String(text.prefix(200))
    }

    /// What sort of failure it is.
    public var kind: FailureKind { .invalidArgument }

    /// The text that stands for it.
    public var description: String {
        switch reason {
        case .component(let part):
            "\"\(part.prefix(200))\" is an invalid component of \"\(text)\": platform specifier component must match "
                + "\"^[A-Za-z0-9_.-]+$\""
        case .unknown: "\"\(text)\": unknown operating system or architecture"
        case .tooManyParts: "\"\(text)\": cannot parse platform specifier"
        }
    }
}
