/// The part of a blob that somebody asks for.
package enum RequestedRange: Hashable, Sendable {
    case whole
    case part(ClosedRange<Int64>)
    /// Nothing of the blob is in it.
    case unsatisfiable

    /// Reads `Range: bytes=…` of something of a size. What isn't one range of bytes is passed over, as HTTP lets it be; one that
    /// ends before it begins is refused, as the distribution's conformance suite wants it.
    package init(_ header: String?, size: Int64) {
        self = .whole
        guard let header, header.lowercased().hasPrefix("bytes=") else { return }
        let sides = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2 else { return }
        let (left, right) = (Self.number(sides[0]), Self.number(sides[1]))
        switch (left, right) {
        case (let first?, let last?):
            self = first <= last && first < size ? .part(first...min(last, size - 1)) : .unsatisfiable
        case (let first?, nil) where sides[1].isEmpty:
            self = first < size ? .part(first...(size - 1)) : .unsatisfiable
        case (nil, let count?) where sides[0].isEmpty:
            self = count > 0 && size > 0 ? .part(max(0, size - count)...(size - 1)) : .unsatisfiable
        default: return
        }
    }

    static func number(_ text: Substring) -> Int64? {
        let text = text.drop { $0 == " " }
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        // What is larger than any file is as good as the largest.
        return Int64(text) ?? .max
    }
}

/// Where a chunk of an upload belongs: `Content-Range: 0-99`, with both ends.
package struct ChunkRange: Hashable, Sendable {
    var first: Int64
    var last: Int64

    var count: Int64 { last - first + 1 }

    package init(_ header: String) throws(RegistryRefusal) {
        // Some write it as HTTP has it for answers: `bytes 0-99/*`.
        var text = header[...]
        if text.lowercased().hasPrefix("bytes ") { text = text.dropFirst(6) }
        let sides = text.prefix { $0 != "/" }.split(separator: "-", omittingEmptySubsequences: false)
        guard sides.count == 2, let first = RequestedRange.number(sides[0]), let last = RequestedRange.number(sides[1]),
            first <= last, last < .max
        else { throw RegistryRefusal(400, .blobUploadInvalid, "invalid Content-Range") }
        self.first = first
        self.last = last
    }
}
