import ContentStorage
import LinuxSystem
import OCISpec
import Reporting

extension Registry {
    /// Whether a blob may be read in a repository: a manifest there refers to it, or it has just come there.
    func isReadable(_ name: RepositoryName, _ digest: Digest) throws -> Bool {
        guard digest.algorithm == "sha256" else { return false }
        if recent.contains(name, digest) { return true }
        return try contents.refers(name, to: digest)
    }

    /// GET and HEAD of a blob.
    func blob(_ name: RepositoryName, _ digest: Digest, _ request: RegistryRequest) throws -> RegistryAnswer {
        guard try isReadable(name, digest) else { throw RegistryRefusal.blobUnknown(digest) }
        let file: OwnedDescriptor
        do throws(ContentError) { file = try content.descriptor(of: digest) } catch {
            throw error.kind == .notFound ? RegistryRefusal.blobUnknown(digest) : error
        }
        let size = try FileStatus(of: file.raw).size
        var headers = [
            HeaderField("Content-Type", "application/octet-stream"),
            HeaderField("Docker-Content-Digest", digest.description),
            HeaderField("ETag", "\"\(digest)\""), HeaderField("Accept-Ranges", "bytes"),
            HeaderField("Cache-Control", "max-age=31536000"),
        ]
        if request.header("if-none-match") == "\"\(digest)\"" { return RegistryAnswer(304, headers) }
        switch RequestedRange(request.method == .get ? request.header("range") : nil, size: size) {
        case .whole: return RegistryAnswer(200, headers, OpenBlob(file, offset: 0, count: size))
        case .part(let range):
            let (first, last) = (range.lowerBound, range.upperBound)
            headers.append(HeaderField("Content-Range", "bytes \(first)-\(last)/\(size)"))
            return RegistryAnswer(206, headers, OpenBlob(file, offset: first, count: last - first + 1))
        case .unsatisfiable:
            throw RegistryRefusal(
                416,
                .rangeInvalid,
                "the blob has \(size) bytes",
                headers: [HeaderField("Content-Range", "bytes */\(size)")]
            )
        }
    }

    /// DELETE of a blob. What a manifest needs stays.
    func delete(_ name: RepositoryName, _ digest: Digest) throws -> RegistryAnswer {
        guard try isReadable(name, digest) else { throw RegistryRefusal.blobUnknown(digest) }
        guard try !contents.refers(name, to: digest) else {
            throw RegistryRefusal(405, .unsupported, "a manifest of the repository needs the blob")
        }
        // Its bytes go with the next sweep of the store, unless something else needs them.
        _ = recent.remove(name, digest)
        return RegistryAnswer(202)
    }
}
