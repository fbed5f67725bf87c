package import Reporting

/// The keys by which a user lets go of a container's terminal without ending it: `ctrl-p,ctrl-q`.
package struct DetachKeys: Hashable, Sendable {
    package static let standard = DetachKeys(keys: [16, 17])

    private let keys: [UInt8]
    private var matched = 0

    private init(keys: [UInt8]) { self.keys = keys }

    /// From Docker's notation: letters, and `ctrl-` with a letter or one of `@[\]^_`, separated by commas.
    package init(_ text: String) throws(PlainFailure) {
        var keys: [UInt8] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let key = Self.key(part) else {
                throw PlainFailure(.invalidArgument, "invalid detach keys (\(text)): Unknown character: '\(part)'")
            }
            keys.append(key)
        }
        self.keys = keys
    }

    private static func key(_ text: Substring) -> UInt8? {
        let bytes = Array(text.utf8)
        if bytes.count == 1, bytes[0] < 0x80 { return bytes[0] }
        guard text.lowercased().hasPrefix("ctrl-"), bytes.count == 6 else { return nil }
        switch bytes[5] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return bytes[5] - 0x60
        case UInt8(ascii: "@"): return 0
        case UInt8(ascii: "["): return 27
        case UInt8(ascii: "\\"): return 28
        case UInt8(ascii: "]"): return 29
        case UInt8(ascii: "^"): return 30
        case UInt8(ascii: "_"): return 31
        default: return nil
        }
    }

    /// Adds what of `typed` goes to the container: keys that may be the sequence's beginning are held back, what follows a
    /// complete one is nobody's. Whether it is complete.
    package mutating func pass(_ typed: ArraySlice<UInt8>, to passed: inout [UInt8]) -> Bool {
        for byte in typed {
            if byte == keys[matched] {
                matched += 1
                if matched == keys.count { return true }
                continue
            }
            passed += keys[..<matched]
            matched = byte == keys[0] && keys.count > 1 ? 1 : 0
            if matched == 0 { passed.append(byte) }
        }
        return false
    }
}
