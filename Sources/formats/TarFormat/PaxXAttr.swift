/// The two ways in which PAX records carry extended attributes.
enum PaxXAttr {
    static let schilyPrefix = Array("SCHILY.xattr.".utf8)
    static let libarchivePrefix = Array("LIBARCHIVE.xattr.".utf8)

    /// star's and GNU's form: the value as it is. A name may have `%3D` for `=` and `%25` for `%`, as GNU tar writes.
    static func schily(_ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> TarEntry.XAttr? {
        let encoded = key.dropFirst(schilyPrefix.count)
        let name =
            encoded.contains(UInt8(ascii: "%"))
            ? unescaped(encoded) { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "%") } : Array(encoded)
        return attribute(name, Array(value))
    }

    /// libarchive's form: the name with `%NN` for everything unusual, the value in base 64.
    static func libarchive(_ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> TarEntry.XAttr? {
        let name = unescaped(key.dropFirst(libarchivePrefix.count)) { _ in true }
        return base64(value).flatMap { attribute(name, $0) }
    }

    /// The key under which a name is written.
    static func schilyKey(_ name: [UInt8]) -> [UInt8] {
        name.reduce(into: schilyPrefix) { key, byte in
            switch byte {
            case UInt8(ascii: "="): key += Array("%3D".utf8)
            case UInt8(ascii: "%"): key += Array("%25".utf8)
            default: key.append(byte)
            }
        }
    }

    private static func attribute(_ name: [UInt8], _ value: [UInt8]) -> TarEntry.XAttr? {
        // 255: XATTR_NAME_MAX.
        if name.isEmpty || name.count > 255 || name.contains(0) { return nil }
        return TarEntry.XAttr(name: name, value: value)
    }

    private static func unescaped(_ text: ArraySlice<UInt8>, where isMeant: (UInt8) -> Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.endIndex,
                let high = digit(text[index + 1]), let low = digit(text[index + 2]), isMeant(high << 4 | low)
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(text[index])
                index += 1
            }
        }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Base 64 with or without its padding; nil when it has anything else.
    private static func base64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in text {
            if character == UInt8(ascii: "=") || character == 0x0a { continue }
            guard let value = base64Value(character) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }

    private static func base64Value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
