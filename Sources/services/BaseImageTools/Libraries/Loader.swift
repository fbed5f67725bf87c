import ELFFormat
import LinuxSystem

/// The dynamic loader of a program, as the image has it, and where it looks for libraries.
struct Loader: Sendable {
    enum Kind: Sendable, Hashable {
        /// The GNU C library's, with the directories that are compiled into it.
        case glibc(directories: [String])
        /// musl's, with the directories that it or its configuration names.
        case musl(directories: [String])
    }

    var kind: Kind
    var target: ELFTarget
    var cache = LoaderCache()

    var isMusl: Bool { if case .musl = kind { true } else { false } }

    var directories: [String] {
        switch kind {
        case .glibc(let directories), .musl(let directories): directories
        }
    }

    private static let sizeLimit = 8 << 20
    private static let muslDirectories = "/lib:/usr/local/lib:/usr/lib"

    /// Looks into the loader at `entry`, which a program names `path`.
    init(_ entry: ImageRoot.Entry, named path: String, target: ELFTarget, in root: ImageRoot) throws(SystemError) {
        self.target = target
        let bytes = try root.contents(entry.path, limit: Self.sizeLimit) ?? []
        let name = String(path.split(separator: "/").last ?? "")
        if name.hasPrefix("ld-musl-")
            || ByteSearch.firstIndex(of: Array(Self.muslDirectories.utf8), in: bytes) != nil
        {
            kind = .musl(directories: try Self.muslDirectories(name, target, root))
            return
        }
        kind = .glibc(directories: Self.compiledDirectories(bytes) ?? Self.usualDirectories(target))
        if let cached = try root.contents("/etc/ld.so.cache", limit: Self.sizeLimit) {
            // A damaged cache is as good as none: the loader says the same.
            do throws(ELFError) { cache = try LoaderCache(cached) } catch {}
        }
    }

    /// `/etc/ld-musl-ARCH.path` replaces what is compiled in.
    private static func muslDirectories(
        _ name: String,
        _ target: ELFTarget,
        _ root: ImageRoot
    ) throws(SystemError) -> [String] {
        let names = [name] + target.muslLoaders.compactMap { $0.split(separator: "/").last.map(String.init) }
        for name in names where name.hasPrefix("ld-musl-") {
            let stem = name.prefix { $0 != "." }
            if let text = try root.contents(PathBytes("/etc/\(stem).path"), limit: 1 << 16) {
                return String(decoding: text, as: UTF8.self).split { $0 == ":" || $0 == "\n" }.map(String.init)
            }
        }
        return muslDirectories.split(separator: ":").map(String.init)
    }

    /// The first run of two or more texts that are directories, each ending with a slash and a zero.
    static func compiledDirectories(_ bytes: [UInt8]) -> [String]? {
        let slash = UInt8(ascii: "/")
        var place = 0
        while let found = ByteSearch.firstIndex(of: [slash, 0, slash], in: bytes, from: place) {
            var start = found
            while start > 0, isPathByte(bytes[start - 1]) { start -= 1 }
            var directories: [String] = []
            var next = start
            while next < bytes.count, bytes[next] == slash {
                let text = bytes[next...].prefix { isPathByte($0) }
                guard text.count > 1, text.last == slash, text.endIndex < bytes.count, bytes[text.endIndex] == 0 else {
                    break
                }
                directories.append(String(decoding: text.dropLast(), as: UTF8.self))
                next = text.endIndex + 1
            }
            if directories.count >= 2 { return directories }
            place = found + 2
        }
        return nil
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x2f, 0x5f: true
        default: false
        }
    }

    private static func usualDirectories(_ target: ELFTarget) -> [String] {
        let own = target.multiarch.map { ["/lib/\($0)", "/usr/lib/\($0)"] } ?? []
        return own + (target.is64Bit ? ["/lib64", "/usr/lib64"] : []) + ["/lib", "/usr/lib"]
    }

    /// What `$LIB` in a path stands for.
    var libraryFolder: String {
        let own = target.multiarch.map { "lib/\($0)" }
        if let own, directories.contains("/\(own)") { return own }
        return directories.contains("/lib64") ? "lib64" : "lib"
    }

    /// What `$PLATFORM` stands for.
    var platform: String {
        switch target.architecture {
        case "amd64", "x32": "x86_64"
        case "386": "i686"
        case "arm64": "aarch64"
        case "arm": "v7l"
        case let other: other
        }
    }

    /// Names that musl answers with itself.
    static func isBuiltIntoMusl(_ name: String) -> Bool {
        guard name.hasPrefix("lib") else { return false }
        let stem = name.dropFirst(3).prefix { $0 != "." }
        return name.contains(".") && ["c", "pthread", "rt", "m", "dl", "util", "xnet"].contains(stem)
    }
}
