private import OCISpec

/// A line of a container's log, as Docker's `json-file` keeps it.
package struct LogRecord: Hashable, Sendable {
    package enum Stream: String, Sendable {
        case output = "stdout"
        case error = "stderr"
    }

    /// With its line feed, unless it is a part of a line.
    package var bytes: [UInt8]
    package var stream: Stream
    /// As it stands in the file: RFC 3339 in UTC.
    package var time: String
    /// What stands beside it, as the options `labels`, `env` and `tag` asked for.
    package var attributes: [String: String] = [:]

    package init(_ bytes: [UInt8], _ stream: Stream, time: String) {
        self.bytes = bytes
        self.stream = stream
        self.time = time
    }

    // MARK: - Writing

    private static let start = Array("{\"log\":\"".utf8)
    private static let lineEnd = Array("\\n".utf8)
    private static let middle = Array("\",\"stream\":\"".utf8)
    static let timeStart = Array("\",\"time\":\"".utf8)

    /// What stands between a line's stream and its time.
    static func between(_ attributes: [String: String]) -> [UInt8] {
        if attributes.isEmpty { return timeStart }
        let object = JSONValue.object(JSONObject(attributes)).serialized()
        return Array("\",\"attrs\":\(object),\"time\":\"".utf8)
    }
    private static let end = Array("\"}\n".utf8)

    /// Appends the JSON of a line to `target`.
    static func append(
        _ line: ArraySlice<UInt8>,
        ends: Bool,
        _ stream: Stream,
        between: [UInt8] = timeStart,
        time: [UInt8],
        to target: inout [UInt8]
    ) {
        target += start
        appendEscaped(line, to: &target)
        if ends { target += lineEnd }
        target += middle
        target += stream.rawValue.utf8
        target += between
        target += time
        target += end
    }

    private static func appendEscaped(_ line: ArraySlice<UInt8>, to target: inout [UInt8]) {
        // What needs no escape is the rule, and goes as it is.
        var clean = line.startIndex
        var index = line.startIndex
        while index < line.endIndex {
            let byte = line[index]
            if byte >= 0x80 {
                let count = validLength(line[index...])
                if count > 0 {
                    index += count
                    continue
                }
            } else if byte >= 0x20, byte != 0x22, byte != 0x5c, byte != 0x3c, byte != 0x3e, byte != 0x26, byte != 0x7f {
                index += 1
                continue
            }
            target += line[clean..<index]
            target += escape(byte)
            index += 1
            clean = index
        }
        target += line[clean...]
    }

    private static func escape(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case 0x22: return Array("\\\"".utf8)
        case 0x5c: return Array("\\\\".utf8)
        case 0x0a: return Array("\\n".utf8)
        case 0x0d: return Array("\\r".utf8)
        case 0x09: return Array("\\t".utf8)
        case 0x7f: return [byte]
        case 0x80...: return Array("\\ufffd".utf8)
        default:
            let digits = Array("0123456789abcdef".utf8)
            return Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }

    /// How many bytes a character of several bytes takes that stands at the start; 0 for what is none.
    private static func validLength(_ bytes: ArraySlice<UInt8>) -> Int {
        let first = bytes[bytes.startIndex]
        let count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
        guard count > 0, first < 0xf5, bytes.count >= count else { return 0 }
        let rest = bytes.dropFirst().prefix(count - 1)
        guard rest.allSatisfy({ $0 & 0xc0 == 0x80 }), let second = rest.first else { return 0 }
        switch first {
        case 0xe0: return second >= 0xa0 ? count : 0
        case 0xed: return second < 0xa0 ? count : 0
        case 0xf0: return second >= 0x90 ? count : 0
        case 0xf4: return second < 0x90 ? count : 0
        default: return count
        }
    }

    // MARK: - Reading

    /// From a line of the file, without its line feed; nil for what isn't one, such as the last line of a file whose
    /// writer was killed.
    package init?(parsing line: ArraySlice<UInt8>) {
        if let record = Self.fast(line) {
            self = record
            return
        }
        guard let value = try? JSONValue(parsing: Array(line)), let text = value["log"]?.text,
            let stream = value["stream"]?.text.flatMap(Stream.init(rawValue:)), let time = value["time"]?.text
        else { return nil }
        self.init(Array(text.utf8), stream, time: time)
        if case .object(let object)? = value["attrs"] {
            for member in object.members { attributes[member.key] = member.value.text }
        }
    }

    /// The form that is written above, without a parser for all of JSON.
    private static func fast(_ line: ArraySlice<UInt8>) -> LogRecord? {
        guard line.starts(with: start) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(line.count)
        var index = line.startIndex + start.count
        var clean = index
        while index < line.endIndex, line[index] != 0x22 {
            guard line[index] == 0x5c else {
                index += 1
                continue
            }
            bytes += line[clean..<index]
            guard let (decoded, count) = unescaped(line[index...]) else { return nil }
            bytes += decoded
            index += count
            clean = index
        }
        bytes += line[clean..<index]
        let rest = line[index...]
        for stream in [Stream.output, .error] {
            let expected = middle + Array(stream.rawValue.utf8) + timeStart
            guard rest.starts(with: expected), rest.suffix(2).elementsEqual("\"}".utf8) else { continue }
            let time = rest.dropFirst(expected.count).dropLast(2)
            return LogRecord(bytes, stream, time: String(decoding: time, as: UTF8.self))
        }
        return nil
    }

    private static func unescaped(_ text: ArraySlice<UInt8>) -> (bytes: [UInt8], count: Int)? {
        guard text.count >= 2 else { return nil }
        let letter = text[text.startIndex + 1]
        let plain: [UInt8: UInt8] = [0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09, 0x22: 0x22, 0x5c: 0x5c, 0x2f: 0x2f]
        if let byte = plain[letter] { return ([byte], 2) }
        guard letter == UInt8(ascii: "u"), text.count >= 6,
            let number = UInt32(String(decoding: text.dropFirst(2).prefix(4), as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(number)
        else { return nil }
        return (Array(String(Character(scalar)).utf8), 6)
    }
}
