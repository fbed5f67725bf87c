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

/// A size, or -1 for no limit.
struct SwapSize: ArgumentValue, Hashable {
    var bytes: Int64

    init(argument: String) throws(ArgumentError) {
        bytes = argument == "-1" ? -1 : try ByteSize(argument: argument).bytes
    }
}
