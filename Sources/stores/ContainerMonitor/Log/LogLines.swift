/// Cuts what a container writes to one stream into lines. Longer ones than 16 KiB come in parts.
struct LogLines {
    static let limit = 16_384

    private var rest: [UInt8] = []

    /// Hands out the lines that are complete now: their bytes, without the line feed, and whether the line ends there.
    mutating func take(_ bytes: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>, Bool) -> Void) {
        var left = bytes
        while !left.isEmpty {
            let room = left.prefix(Self.limit - rest.count + 1)
            if let end = room.firstIndex(of: 0x0a) {
                hand(left[left.startIndex..<end], ends: true, body)
                left = left[(end + 1)...]
            } else if room.count > Self.limit - rest.count {
                let part = left.prefix(Self.limit - rest.count)
                hand(part, ends: false, body)
                left = left[part.endIndex...]
            } else {
                rest += left
                return
            }
        }
    }

    /// Hands out what has no line feed at the stream's end.
    mutating func finish(_ body: (ArraySlice<UInt8>, Bool) -> Void) {
        if !rest.isEmpty { hand([], ends: false, body) }
    }

    private mutating func hand(_ bytes: ArraySlice<UInt8>, ends: Bool, _ body: (ArraySlice<UInt8>, Bool) -> Void) {
        if rest.isEmpty { return body(bytes, ends) }
        let whole = rest + bytes
        rest.removeAll(keepingCapacity: true)
        body(whole[...], ends)
    }
}
