/// Cuts the output of a step into lines, and keeps the last of them.
struct StepLines: Sendable {
    /// What stands after the last newline.
    private var rest: [UInt8] = []
    /// The last lines with their stamps: what is shown again when the step fails.
    private(set) var tail: [(stamp: String, text: String)] = []

    static let tailLength = 10
    /// A line longer than this goes on in the next: waiting for its end would only fill memory.
    static let longestLine = 64 << 10

    /// Looks at the last lines of `bytes` only, where nobody wants the others.
    mutating func skim(_ bytes: [UInt8], stamp: String) {
        var count = 0
        var start = bytes.endIndex
        while start > 0 {
            if bytes[start - 1] == UInt8(ascii: "\n") { count += 1 }
            if count > Self.tailLength { break }
            start -= 1
        }
        // What was begun before belongs to a line that isn't kept.
        if start > 0 { rest.removeAll(keepingCapacity: true) }
        _ = take(bytes[start...], stamp: stamp)
    }

    /// The lines that `bytes` complete.
    mutating func take(_ bytes: [UInt8], stamp: String) -> [String] { take(bytes[...], stamp: stamp) }

    private mutating func take(_ bytes: ArraySlice<UInt8>, stamp: String) -> [String] {
        var lines: [String] = []
        var left = bytes
        while !left.isEmpty {
            let room = max(Self.longestLine - rest.count, 1)
            let piece = left.prefix(room)
            if let end = piece.firstIndex(of: UInt8(ascii: "\n")) {
                rest += left[..<end]
                lines.append(text())
                left = left[(end + 1)...]
            } else {
                rest += piece
                left = left.dropFirst(piece.count)
                if rest.count >= Self.longestLine { lines.append(text()) }
            }
        }
        keep(lines, stamp)
        return lines
    }

    /// The line that the output ended with, if it had no newline.
    mutating func end(stamp: String) -> [String] {
        if rest.isEmpty { return [] }
        let lines = [text()]
        keep(lines, stamp)
        return lines
    }

    private mutating func text() -> String {
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        defer { rest.removeAll(keepingCapacity: true) }
        return String(decoding: rest, as: UTF8.self)
    }

    private mutating func keep(_ lines: [String], _ stamp: String) {
        tail += lines.suffix(Self.tailLength).map { (stamp, Self.asLeft($0)) }
        if tail.count > Self.tailLength { tail.removeFirst(tail.count - Self.tailLength) }
    }

    /// A line that rewrites itself, as it was left.
    private static func asLeft(_ line: String) -> String {
        guard let last = line.utf8.lastIndex(of: UInt8(ascii: "\r")) else { return line }
        return String(line[line.utf8.index(after: last)...])
    }
}
