/// An entry in the making: the header's fields with PAX records and GNU names laid over them, checked.
struct EntryDraft {
    var entry: TarEntry
    /// How many bytes of body are left to read.
    var stored: Int64
    /// How many bytes follow them up to the next block.
    var padding: Int64

    private let limits: TarLimits
    private let offset: Int64

    init(
        _ header: TarHeader,
        _ records: PaxRecords?,
        longName: [UInt8]?,
        longLink: [UInt8]?,
        limits: TarLimits,
        offset: Int64
    ) throws(TarError) {
        // GNU's names win over PAX ones, as in Go's library: nothing honest has both.
        var name = longName ?? records?.sparse.name ?? records?.path ?? header.name
        let link = longLink ?? records?.linkPath ?? header.linkName
        let endsInSlash = name.last == TarPath.slash
        while name.count > 1, name.last == TarPath.slash { name.removeLast() }
        let path = TarPath(bytes: name)
        for (what, bytes) in [("the length of the name", name), ("the length of the link target", link)]
        where bytes.count > limits.pathBytes {
            throw TarError(
                .tooLarge(what: what, count: Int64(bytes.count), limit: Int64(limits.pathBytes)),
                offset: offset,
                path: TarPath(bytes: Array(name.prefix(64)))
            )
        }
        func owner(_ what: String, _ number: Int64) throws(TarError) -> UInt32 {
            // The largest number means "leave it as it is" to the kernel.
            guard let id = UInt32(exactly: number), id != .max else {
                throw TarError(.invalidField(what), offset: offset, path: path)
            }
            return id
        }
        let kind = try Self.kind(header, records, link, endsInSlash: endsInSlash, at: (offset, path))
        // What has no body has no size either, whatever the header says: as every reader has it.
        let size = kind == .file ? records?.size ?? header.size : 0
        if size < 0 { throw TarError(.invalidField("size"), offset: offset, path: path) }
        if size > limits.fileBytes {
            throw TarError(
                .tooLarge(what: "the size", count: size, limit: limits.fileBytes),
                offset: offset,
                path: path
            )
        }
        entry = TarEntry(path, kind: kind, mode: header.mode & 0o7777, size: size)
        entry.uid = try owner("owner", records?.uid ?? header.uid)
        entry.gid = try owner("group", records?.gid ?? header.gid)
        entry.userName = records?.userName ?? header.userName
        entry.groupName = records?.groupName ?? header.groupName
        entry.modified = records?.modified ?? TarTime(seconds: header.modified)
        entry.accessed = records?.accessed ?? header.accessed.map { TarTime(seconds: $0) }
        entry.changed = records?.changed ?? header.changed.map { TarTime(seconds: $0) }
        entry.xattrs = records?.xattrs ?? []
        stored = size
        padding = TarReader.padding(size)
        self.limits = limits
        self.offset = offset
    }

    private static func kind(
        _ header: TarHeader,
        _ records: PaxRecords?,
        _ link: [UInt8],
        endsInSlash: Bool,
        at place: (offset: Int64, path: TarPath)
    ) throws(TarError) -> TarEntry.Kind {
        func device(_ number: Int64) throws(TarError) -> UInt32 {
            guard let number = UInt32(exactly: number) else {
                throw TarError(.invalidField("device number"), offset: place.offset, path: place.path)
            }
            return number
        }
        switch header.type {
        case TypeFlag.oldFile: return endsInSlash ? .directory : .file
        case TypeFlag.file, TypeFlag.contiguousFile, TypeFlag.gnuSparse: return .file
        case TypeFlag.hardLink: return .hardLink(TarPath(bytes: link))
        case TypeFlag.symbolicLink: return .symbolicLink(TarPath(bytes: link))
        case TypeFlag.directory, TypeFlag.gnuDirectory: return .directory
        case TypeFlag.fifo: return .fifo
        case TypeFlag.characterDevice, TypeFlag.blockDevice:
            let major = try device(records?.major ?? header.major)
            let minor = try device(records?.minor ?? header.minor)
            return header.type == TypeFlag.blockDevice
                ? .blockDevice(major: major, minor: minor) : .characterDevice(major: major, minor: minor)
        default:
            let type = TarPath.printable([header.type])
            throw TarError(.unsupported("tar entry type '\(type)'"), offset: place.offset, path: place.path)
        }
    }

    /// Finds out whether the file is sparse, wherever its map is, and reads the map.
    mutating func readSparse(
        from input: inout TarInput,
        _ records: PaxSparse?,
        oldSparse: TarHeader.OldSparse?
    ) throws(TarError) {
        guard case .file = entry.kind else { return }
        if let oldSparse {
            return try setSparse(
                try allSegments(of: oldSparse, from: &input),
                size: oldSparse.size
            )
        }
        let description: (size: Int64?, map: PaxSparse.Map)?
        do { description = try records?.description() } catch { throw failure(error) }
        guard let description else { return }
        let size = description.size ?? entry.size
        switch description.map {
        case .segments(let segments): try setSparse(segments, size: size)
        case .inBody: try setSparse(try segmentsInBody(from: &input), size: size)
        }
    }

    private mutating func setSparse(_ segments: [TarEntry.SparseSegment], size: Int64) throws(TarError) {
        if size < 0 { throw TarError(.invalidField("size of a sparse file"), offset: offset, path: entry.path) }
        if size > limits.fileBytes {
            throw TarError(
                .tooLarge(what: "the size", count: size, limit: limits.fileBytes),
                offset: offset,
                path: entry.path
            )
        }
        do { entry.sparse = try SparseMap.checked(segments, size: size, stored: stored) } catch {
            throw failure(error)
        }
        entry.size = size
    }

    private func allSegments(
        of sparse: TarHeader.OldSparse,
        from input: inout TarInput
    ) throws(TarError) -> [TarEntry.SparseSegment] {
        var segments = sparse.segments
        var isContinued = sparse.isContinued
        while isContinued {
            let block = try input.nextSparseBlock()
            segments += block.segments
            isContinued = block.isContinued
            if segments.count > limits.sparseSegments || (isContinued && block.segments.isEmpty) {
                throw TarError(
                    .tooLarge(
                        what: "the number of a sparse file's pieces",
                        count: Int64(segments.count),
                        limit: Int64(limits.sparseSegments)
                    ),
                    offset: offset,
                    path: entry.path
                )
            }
        }
        return segments
    }

    /// Version 1.0: the map takes whole blocks at the start of the body.
    private mutating func segmentsInBody(from input: inout TarInput) throws(TarError) -> [TarEntry.SparseSegment] {
        var map = SparseBodyMap()
        while !map.isComplete {
            if stored < 512 { throw failure(.invalid("the map is longer than the body")) }
            let block = try input.take(512)
            stored -= 512
            do { try map.take(block[...], limits: limits) } catch { throw failure(error) }
        }
        return map.segments
    }

    private func failure(_ problem: PaxRecords.Problem) -> TarError {
        switch problem {
        case .invalid(let detail): TarError(.invalidSparseMap(detail), offset: offset, path: entry.path)
        case .tooLarge: TarError(TarReader.reason(problem), offset: offset, path: entry.path)
        }
    }
}
