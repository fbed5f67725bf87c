import ByteStreams
import LayerTransfer
import LinuxSystem
import SocleTesting
import SystemPackage
import TarFormat

/// What tests share: archives from a few words, applied to fresh directories.
enum Layers {
    static func file(_ path: TarPath, _ text: String = "", mode: UInt32 = 0o644) -> (TarEntry, [UInt8]) {
        (TarEntry(path, kind: .file, mode: mode, size: Int64(text.utf8.count)), Array(text.utf8))
    }

    static func directory(_ path: TarPath, mode: UInt32 = 0o755, seconds: Int64 = 0) -> (TarEntry, [UInt8]) {
        var entry = TarEntry(path, kind: .directory, mode: mode)
        entry.modified = TarTime(seconds: seconds)
        return (entry, [])
    }

    static func link(_ path: TarPath, to target: TarPath) -> (TarEntry, [UInt8]) {
        (TarEntry(path, kind: .symbolicLink(target), mode: 0o777), [])
    }

    static func hardLink(_ path: TarPath, to target: TarPath) -> (TarEntry, [UInt8]) {
        (TarEntry(path, kind: .hardLink(target), mode: 0o644), [])
    }

    /// The archive, with the owner that runs the test, so that most tests need no root.
    static func archive(_ entries: [(TarEntry, [UInt8])]) throws -> [UInt8] {
        let sink = MemorySink()
        var writer = TarWriter(to: sink)
        let owner = try Directory.open("/proc/self").status()
        for (entry, body) in entries {
            var entry = entry
            if entry.uid == 0 { (entry.uid, entry.gid) = (owner.uid, owner.gid) }
            try writer.append(entry)
            try writer.write(body.span)
        }
        try writer.finish()
        return sink.bytes
    }

    /// Applies an archive to a directory that is made where it is missing.
    @discardableResult
    static func apply(
        _ archive: [UInt8],
        to path: FilePath,
        _ whiteouts: LayerApplier.Whiteouts = .overlay,
        limits: LayerLimits = .standard,
        lowerStatus: LayerApplier.LowerStatus? = nil
    ) throws -> LayerUsage {
        let root = try Directory.open(path, create: true, mode: 0o755)
        let applier = LayerApplier(into: root, whiteouts: whiteouts, limits: limits, lowerStatus: lowerStatus)
        return try applier.apply(MemorySource(archive))
    }

    @discardableResult
    static func apply(
        _ entries: [(TarEntry, [UInt8])],
        to path: FilePath,
        _ whiteouts: LayerApplier.Whiteouts = .overlay
    ) throws -> LayerUsage {
        try apply(archive(entries), to: path, whiteouts)
    }

    /// The layer of an upper directory.
    static func diff(
        _ path: FilePath,
        clamp: Int64? = nil,
        excluding: Set<[UInt8]> = [],
        isInLower: LayerDiff.IsInLower? = nil
    ) throws -> [UInt8] {
        let sink = MemorySink()
        _ = try LayerDiff.write(
            upper: Directory.open(path),
            to: sink,
            clamp: clamp,
            excluding: excluding,
            isInLower: isInLower
        )
        return sink.bytes
    }

    /// The names and kinds of an archive's entries.
    static func names(_ archive: [UInt8]) throws -> [String] {
        let reader = TarReader(MemorySource(archive))
        var names: [String] = []
        while let entry = try reader.next() {
            switch entry.kind {
            case .directory: names.append("\(entry.path)/")
            case .symbolicLink(let target): names.append("\(entry.path) -> \(target)")
            case .hardLink(let target): names.append("\(entry.path) = \(target)")
            default: names.append("\(entry.path)")
            }
        }
        return names
    }
}
