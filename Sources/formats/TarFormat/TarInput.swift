import ByteStreams

/// The archive's bytes behind a large buffer, so that headers are looked at where they lie, bodies are skipped without
/// copying, and the source is asked seldom.
struct TarInput {
    private let source: any ByteSource
    private let skippable: (any SkippableSource)?
    private(set) var buffer: [UInt8]
    private var start = 0
    private var end = 0
    private var bufferOffset: Int64 = 0

    init(_ source: any ByteSource, bufferSize: Int) {
        self.source = source
        skippable = source as? any SkippableSource
        buffer = [UInt8](repeating: 0, count: bufferSize)
    }

    /// How many bytes of the archive are behind us.
    var offset: Int64 { bufferOffset + Int64(start) }

    /// The bytes that are in the buffer and not yet consumed, as indices of `buffer`.
    var available: Range<Int> { start..<end }

    /// Makes at least `count` bytes available, at most the buffer's size; fewer only where the archive ends.
    mutating func fill(_ count: Int) throws(TarError) {
        if end - start >= count { return }
        if start > 0 {
            for index in 0..<end - start { buffer[index] = buffer[start + index] }
            bufferOffset += Int64(start)
            end -= start
            start = 0
        }
        while end < count {
            let more = try read(from: end)
            if more == 0 { return }
            end += more
        }
    }

    /// Goes past bytes that are available.
    mutating func consume(_ count: Int) { start += count }

    /// Goes past `count` bytes wherever they are.
    mutating func skip(_ count: Int64) throws(TarError) {
        var left = count
        while true {
            let step = Int(min(left, Int64(end - start)))
            start += step
            left -= Int64(step)
            if left == 0 { return }
            if let skippable, skippable.skip(left) {
                bufferOffset += Int64(end) + left
                start = 0
                end = 0
                return
            }
            try fill(1)
            if start == end { throw TarError(.truncated, offset: offset) }
        }
    }

    /// Takes `count` bytes. Memory grows with what comes, not with what was announced.
    mutating func take(_ count: Int) throws(TarError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            try fill(1)
            let step = min(count - bytes.count, end - start)
            if step == 0 { throw TarError(.truncated, offset: offset) }
            bytes += buffer[start..<start + step]
            start += step
        }
        return bytes
    }

    /// Takes at most `count` available bytes into `target`; how many there were.
    mutating func take(into target: inout [UInt8], from index: Int, atMost count: Int) throws(TarError) -> Int {
        try fill(1)
        let step = min(count, end - start)
        if step == 0 { throw TarError(.truncated, offset: offset) }
        target.replaceSubrange(index..<index + step, with: buffer[start..<start + step])
        start += step
        return step
    }

    /// Moves `count` bytes to `sink` straight from the buffer.
    mutating func move(_ count: Int64, to sink: any ByteSink) throws(TarError) {
        var left = count
        while left > 0 {
            try fill(1)
            let step = Int(min(left, Int64(end - start)))
            if step == 0 { throw TarError(.truncated, offset: offset) }
            do { try sink.write(buffer.span.extracting(start..<start + step)) } catch {
                throw TarError(.stream(error), offset: offset)
            }
            start += step
            left -= Int64(step)
        }
    }

    /// Reads the source to its end.
    mutating func drain() throws(TarError) {
        repeat {
            bufferOffset += Int64(end)
            start = 0
            end = 0
            end = try read(from: 0)
        } while end > 0
    }

    private mutating func read(from index: Int) throws(TarError) -> Int {
        do { return try source.read(into: &buffer, from: index) } catch {
            throw TarError(.stream(error), offset: bufferOffset + Int64(index))
        }
    }
}
