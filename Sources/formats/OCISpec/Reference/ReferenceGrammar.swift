/// The character rules of the distribution reference grammar, on bytes.
enum ReferenceGrammar {
    typealias Bytes = Substring.UTF8View

    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    static func isLower(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
    static func isUpper(_ byte: UInt8) -> Bool { (65...90).contains(byte) }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLower(byte) || isUpper(byte) }
    static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (97...102).contains(byte) || (65...70).contains(byte)
    }

    /// `[A-Za-z][A-Za-z0-9]*` parts joined by one of `-_+.`
    static func isDigestAlgorithm(_ text: Bytes) -> Bool {
        let parts = text.split(omittingEmptySubsequences: false) { "-_+.".utf8.contains($0) }
        return parts.allSatisfy { part in
            guard let first = part.first else { return false }
            return (isLower(first) || isUpper(first)) && part.allSatisfy(isAlphanumeric)
        }
    }

    /// A host name, an IPv4 address or a bracketed IPv6 address, with or without a port.
    static func isDomain(_ text: Bytes) -> Bool {
        guard let first = text.first else { return false }
        var host = text
        if first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = text[text.index(after: text.startIndex)..<end]
            guard !address.isEmpty, address.allSatisfy({ isHex($0) || $0 == UInt8(ascii: ":") }) else { return false }
            let rest = text[text.index(after: end)...]
            return rest.isEmpty || rest.first == UInt8(ascii: ":") && isPort(rest.dropFirst())
        }
        if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            guard isPort(text[text.index(after: colon)...]) else { return false }
            host = text[..<colon]
        }
        return host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isDomainComponent)
    }

    private static func isPort(_ text: Bytes) -> Bool { !text.isEmpty && text.allSatisfy(isDigit) }

    private static func isDomainComponent(_ text: Bytes) -> Bool {
        guard let first = text.first, let last = text.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    /// `[a-z0-9]+` parts joined by `.`, `_`, `__` or any number of `-`.
    static func isPathComponent(_ text: Bytes) -> Bool {
        guard let first = text.first, let last = text.last, isLower(first) || isDigit(first),
            isLower(last) || isDigit(last)
        else { return false }
        var separator: [UInt8] = []
        for byte in text {
            if isLower(byte) || isDigit(byte) {
                separator = []
                continue
            }
            separator.append(byte)
            let isDashes = separator.allSatisfy { $0 == UInt8(ascii: "-") }
            guard isDashes || separator == [46] || separator == [95] || separator == [95, 95] else { return false }
        }
        return true
    }

    static func isPath(_ text: Bytes) -> Bool {
        text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy(isPathComponent)
    }

    /// `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`
    static func isTag(_ text: Bytes) -> Bool {
        guard let first = text.first, text.count <= 128, isAlphanumeric(first) || first == UInt8(ascii: "_") else {
            return false
        }
        return text.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }
}
