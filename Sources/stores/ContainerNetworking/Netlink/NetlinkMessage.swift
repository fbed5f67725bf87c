/// A message to the kernel's routing tables as bytes, after rtnetlink(7): a header, a fixed part, attributes.
///
/// Numbers are in the machine's byte order, addresses in the network's; everything starts at a multiple of four.
struct NetlinkMessage: Hashable {
    /// What is asked.
    struct Kind: Hashable {
        var number: UInt16
        static let newLink = Kind(number: 16)
        static let removeLink = Kind(number: 17)
        static let setLink = Kind(number: 19)
        static let getLink = Kind(number: 18)
        static let newAddress = Kind(number: 20)
        static let newRoute = Kind(number: 24)
        static let getRoute = Kind(number: 26)
    }

    struct Flags: OptionSet, Hashable {
        var rawValue: UInt16
        static let request = Flags(rawValue: 0x1)
        static let acknowledge = Flags(rawValue: 0x4)
        /// An error where it is there already.
        static let exclusive = Flags(rawValue: 0x200)
        static let create = Flags(rawValue: 0x400)
        /// All there are.
        static let dump = Flags(rawValue: 0x300)
    }

    var kind: Kind
    var flags: Flags
    /// What follows the header.
    private(set) var body: [UInt8] = []

    static let headerSize = 16

    init(_ kind: Kind, _ flags: Flags) {
        self.kind = kind
        self.flags = flags.union(.request)
    }

    mutating func append(_ byte: UInt8) { body.append(byte) }

    mutating func append<Number: FixedWidthInteger>(number: Number) {
        withUnsafeBytes(of: number) { body.append(contentsOf: $0) }
    }

    /// An attribute with bytes as its value.
    mutating func attribute(_ type: UInt16, _ value: [UInt8]) {
        append(number: UInt16(4 + value.count))
        append(number: type)
        body += value
        pad()
    }

    mutating func attribute(_ type: UInt16, number: UInt32) {
        attribute(type, withUnsafeBytes(of: number) { Array($0) })
    }

    /// A text, which ends in a zero byte.
    mutating func attribute(_ type: UInt16, text: String) { attribute(type, Array(text.utf8) + [0]) }

    /// An attribute that holds others.
    mutating func attribute(_ type: UInt16, nested: (inout NetlinkMessage) -> Void) {
        let start = body.count
        append(number: UInt16(0))
        append(number: type)
        nested(&self)
        let length = UInt16(body.count - start)
        withUnsafeBytes(of: length) { body.replaceSubrange(start..<start + 2, with: $0) }
    }

    private mutating func pad() {
        while body.count % 4 != 0 { body.append(0) }
    }

    /// The whole message with its header.
    func encoded(sequence: UInt32) -> [UInt8] {
        var header = NetlinkMessage(kind, flags)
        header.append(number: UInt32(Self.headerSize + body.count))
        header.append(number: kind.number)
        header.append(number: flags.rawValue)
        header.append(number: sequence)
        header.append(number: UInt32(0))
        return header.body + body
    }
}
