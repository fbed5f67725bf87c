internal import ByteStreams

/// Who takes members of gzip apart.
protocol MemberInflater: AnyObject {
    /// Begins with another member.
    func restart()
    /// Takes from `input` and gives to `output`; `isEnd` after the last byte of a member, whose checksum was right.
    func inflate(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (step: Step, isEnd: Bool)
}

/// gzip: members one after another, zeros behind the last.
final class GzipDecoder: StreamDecoder {
    static let name = "gzip"

    private enum Place { case start, inMember, between, padding }

    private let inflater: any MemberInflater
    private var place = Place.start

    /// Takes the fastest that this machine has.
    convenience init() throws(StreamError) {
        if let fast = IgzipInflater() { self.init(fast) } else { self.init(try ZlibInflater()) }
    }

    init(_ inflater: any MemberInflater) { self.inflater = inflater }

    var mayEnd: Bool { place == .between || place == .padding }

    func decode(
        _ input: UnsafeRawBufferPointer,
        isLast: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> Step {
        if mayEnd {
            guard let first = input.first else { return Step(consumed: 0, produced: 0) }
            if first == 0 { place = .padding }
            if place == .padding { return Step(consumed: try Padding.length(input, name: Self.name), produced: 0) }
            inflater.restart()
            // A member that doesn't begin like one is what tar and gzip call trailing garbage.
            if first != 0x1f { throw StreamError(.corrupt("gzip: trailing garbage")) }
        }
        if !input.isEmpty { place = .inMember }
        let (step, isEnd) = try inflater.inflate(input, into: output)
        if isEnd { place = .between }
        return step
    }
}
