internal import SystemPackage

/// One message of the kernel's.
struct NetlinkAnswer: Hashable {
    var kind: UInt16
    var sequence: UInt32
    /// What follows the header.
    var body: [UInt8]

    static let error: UInt16 = 2
    static let done: UInt16 = 3

    /// For an error message: what went wrong, nil when nothing did (an acknowledgement).
    var errno: Errno? {
        guard kind == Self.error, let code: Int32 = body.number(at: 0), code != 0 else { return nil }
        return Errno(rawValue: -code)
    }

    /// Takes a datagram apart. Throws where a length leads out of it.
    static func parse(_ bytes: [UInt8]) throws(NetworkError) -> [NetlinkAnswer] {
        var answers: [NetlinkAnswer] = []
        var start = 0
        while start + NetlinkMessage.headerSize <= bytes.count {
            guard let length: UInt32 = bytes.number(at: start), let kind: UInt16 = bytes.number(at: start + 4),
                let sequence: UInt32 = bytes.number(at: start + 8), length >= NetlinkMessage.headerSize,
                Int(length) <= bytes.count - start
            else { throw NetworkError(.answer("the kernel's answer about networks is cut off")) }
            let body = bytes[(start + NetlinkMessage.headerSize)..<(start + Int(length))]
            answers.append(NetlinkAnswer(kind: kind, sequence: sequence, body: Array(body)))
            start += (Int(length) + 3) & ~3
        }
        return answers
    }

    /// The attributes behind a fixed part; what is cut off is left out.
    func attributes(after fixed: Int) -> [UInt16: [UInt8]] {
        var found: [UInt16: [UInt8]] = [:]
        var start = fixed
        while let length: UInt16 = body.number(at: start), let type: UInt16 = body.number(at: start + 2), length >= 4,
            start + Int(length) <= body.count
        {
            found[type & 0x3fff] = Array(body[(start + 4)..<(start + Int(length))])
            start += (Int(length) + 3) & ~3
        }
        return found
    }
}

extension [UInt8] {
    /// A number in the machine's byte order; nil where the bytes end before it does.
    func number<Number: FixedWidthInteger>(at start: Int) -> Number? {
        let size = MemoryLayout<Number>.size
        guard start >= 0, start + size <= count else { return nil }
        var value = Number.zero
        Swift.withUnsafeMutableBytes(of: &value) { target in
            for index in 0..<size { target[index] = self[start + index] }
        }
        return value
    }
}
