/// The records of one PAX header, encoded.
struct PaxEncoder {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ key: String, _ value: String) { add(Array(key.utf8), Array(value.utf8)) }
    mutating func add(_ key: String, _ value: [UInt8]) { add(Array(key.utf8), value) }

    /// A record begins with its own length, digits of the length included.
    mutating func add(_ key: [UInt8], _ value: [UInt8]) {
        let rest = key.count + value.count + 3
        var length = rest + String(rest).utf8.count
        if String(length).utf8.count != String(rest).utf8.count { length = rest + String(length).utf8.count }
        bytes += Array("\(length) ".utf8)
        bytes += key
        bytes.append(UInt8(ascii: "="))
        bytes += value
        bytes.append(0x0a)
    }
}
