/// A size in bytes as Docker's memory flags take it: `512m`, `1.5g`, `2GiB`; units are powers of 1024.
struct ByteSize: ArgumentValue, Hashable {
    var bytes: Int64

    init(argument: String) throws(ArgumentError) {
        let number = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var unit = argument.dropFirst(number.count)
        if unit.first == " " { unit = unit.dropFirst() }
        var factor = 1.0
        if let letter = unit.first?.lowercased(), let power = ["k", "m", "g", "t", "p"].firstIndex(of: letter) {
            factor = Double(sign: .plus, exponent: 10 * (power + 1), significand: 1)
            unit = unit.dropFirst()
            if unit.first?.lowercased() == "i" { unit = unit.dropFirst() }
        }
        if unit.lowercased() == "b" { unit = "" }
        guard unit.isEmpty, !number.hasPrefix("."), let value = Double(number), value * factor < 9e18 else {
            throw ArgumentError("invalid size: '\(argument)'")
        }
        bytes = Int64(value * factor)
    }
}

/// A size, or -1 for none at all.
struct SwapSize: ArgumentValue, Hashable {
    var bytes: Int64

    init(argument: String) throws(ArgumentError) {
        bytes = argument == "-1" ? -1 : try ByteSize(argument: argument).bytes
    }
}

/// `--cpus 1.5`: billionths of a CPU.
struct CPUCount: ArgumentValue, Hashable {
    var billionths: Int64

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = argument.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
        guard digits, let whole = Int64(parts[0].isEmpty ? "0" : parts[0]), whole < 1 << 30, !argument.isEmpty,
            argument != "."
        else {
            throw ArgumentError("failed to parse \(argument) as a rational number")
        }
        let fraction = parts.count > 1 ? parts[1] : ""
        let padded = fraction + String(repeating: "0", count: max(0, 9 - fraction.count))
        guard fraction.count <= 9 || fraction.dropFirst(9).allSatisfy({ $0 == "0" }),
            let billionths = Int64(padded.prefix(9))
        else { throw ArgumentError("value is too precise") }
        self.billionths = whole * 1_000_000_000 + billionths
    }
}
