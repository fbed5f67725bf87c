import ByteStreams
import OCISpec
import Reporting
import TarFormat

/// Writes the files of an OCI layout into a tar: owned by 0:0 and from 1970, so that the bytes depend on the images alone.
struct LayoutTar: ~Copyable {
    private var writer: TarWriter
    private var folders: Set<String> = []

    init(to sink: any ByteSink) { writer = TarWriter(to: sink) }

    /// Adds small files, in this order.
    mutating func add(_ files: [(name: String, bytes: [UInt8])]) throws {
        for (name, bytes) in files {
            try writer.append(TarEntry(TarPath(name), kind: .file, mode: 0o644, size: Int64(bytes.count)))
            try writer.write(bytes.span)
        }
    }

    /// Adds a blob, which must be what its descriptor says.
    mutating func add(_ blob: Descriptor, from source: any ByteSource) throws {
        for folder in ["blobs", "blobs/\(blob.digest.algorithm)"] where folders.insert(folder).inserted {
            try writer.append(TarEntry(TarPath(folder), kind: .directory, mode: 0o755))
        }
        let checked = try blob.verifying(source)
        let ahead = ReadAheadSource(checked)
        try writer.append(TarEntry(TarPath(Self.path(blob.digest)), kind: .file, mode: 0o644, size: blob.size))
        var buffer = [UInt8](repeating: 0, count: 524_288)
        while true {
            let count = try ahead.read(into: &buffer, from: 0)
            if count == 0 { return }
            try writer.write(buffer.span.extracting(0..<count))
        }
    }

    consuming func finish() throws { try writer.finish() }

    /// Where a layout has a blob.
    static func path(_ digest: Digest) -> String { "blobs/\(digest.algorithm)/\(digest.hex)" }
}

extension Descriptor {
    /// A source that gives the blob's bytes or an error.
    func verifying(_ source: any ByteSource) throws -> VerifyingSource {
        let hash = try requireSHA256()
        return VerifyingSource(source, size: size, sha256: hash, subject: "blob \(digest)")
    }

    /// The hash; other algorithms than SHA-256 are not known.
    @discardableResult
    func requireSHA256() throws -> [UInt8] {
        guard let hash = digest.sha256Bytes else {
            throw PlainFailure(.unsupported, "blob \(digest): digests other than sha256 are not supported")
        }
        return hash
    }
}
