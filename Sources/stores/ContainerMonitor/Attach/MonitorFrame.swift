/// One message between a monitor and whoever is attached to its container: a kind, a length, bytes.
package struct MonitorFrame: Hashable, Sendable {
    package enum Kind: UInt8, Sendable {
        /// What the container wrote.
        case output = 1
        case error
        /// What it shall read.
        case input
        /// There is nothing more for it to read.
        case inputEnd
        /// The size of the user's terminal.
        case size
        /// A signal for the container's first process.
        case signal
        /// The program has been executed.
        case started
        /// How it ended; the last message.
        case report
        /// The first message of a client: the streams that it wants.
        case hello
    }

    package var kind: Kind
    package var payload: [UInt8]

    /// No message is longer.
    package static let limit = 1 << 20
    static let headerSize = 5

    package init(_ kind: Kind, _ payload: [UInt8] = []) {
        self.kind = kind
        self.payload = payload
    }

    package static func size(rows: UInt16, columns: UInt16) -> MonitorFrame {
        MonitorFrame(.size, [UInt8(rows & 0xff), UInt8(rows >> 8), UInt8(columns & 0xff), UInt8(columns >> 8)])
    }

    /// Rows and columns of a `size`; nil where the message is too short.
    var terminalSize: (rows: UInt16, columns: UInt16)? {
        guard payload.count == 4 else { return nil }
        return (UInt16(payload[0]) | UInt16(payload[1]) << 8, UInt16(payload[2]) | UInt16(payload[3]) << 8)
    }

    package var encoded: [UInt8] {
        Self.header(kind, payload.count) + payload
    }

    static func header(_ kind: Kind, _ count: Int) -> [UInt8] {
        let size = UInt32(count)
        return [kind.rawValue] + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * UInt32($0))) }
    }
}

/// Puts messages together from what comes in pieces.
package struct FrameReader: Sendable {
    /// Bytes that are no message: the other end isn't what it should be.
    package struct Malformed: Error, Hashable {}

    private var bytes: [UInt8] = []
    private var start = 0

    package init() {}

    package mutating func append(_ more: ArraySlice<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes += more
    }

    /// The next whole message; nil until more has come.
    package mutating func next() throws(Malformed) -> MonitorFrame? {
        guard bytes.count - start >= MonitorFrame.headerSize else { return nil }
        let size = (1...4).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * ($1 - 1)) }
        guard let kind = MonitorFrame.Kind(rawValue: bytes[start]), size <= MonitorFrame.limit else {
            throw Malformed()
        }
        let end = start + MonitorFrame.headerSize + size
        guard bytes.count >= end else { return nil }
        defer { start = end }
        return MonitorFrame(kind, Array(bytes[(start + MonitorFrame.headerSize)..<end]))
    }
}

/// The standard streams that somebody is attached to.
package struct AttachedStreams: OptionSet, Codable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let input = AttachedStreams(rawValue: 1)
    package static let output = AttachedStreams(rawValue: 2)
    package static let error = AttachedStreams(rawValue: 4)
    /// Output and error. A list of both is a sequence, whose kind Swift looks for among all of the program's.
    package static let outputs = AttachedStreams(rawValue: 2 | 4)
}
