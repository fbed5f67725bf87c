import ByteStreams
import LinuxSystem
import Testing

/// A pipe that lets go of a reader that is too slow.
@Suite struct PrefixPipeTests {
    @Test func aReaderThatKeepsUpGetsEverything() throws {
        let pipe = PrefixPipe(capacity: 1 << 16)
        let chunk = [UInt8](repeating: 7, count: 1000)
        let source = pipe.source()
        var buffer = [UInt8](repeating: 0, count: 300)
        var count = 0
        for _ in 0..<200 {
            pipe.offer(chunk.span)
            var left = chunk.count
            while left > 0 {
                let more = try source.read(into: &buffer, from: 0)
                #expect(buffer[..<more].allSatisfy { $0 == 7 })
                left -= more
                count += more
            }
        }
        pipe.end()
        #expect(try source.read(into: &buffer, from: 0) == 0)
        #expect(count == 200_000 && pipe.taken == 200_000)
    }

    @Test func aReaderThatIsLateGetsTheBeginning() throws {
        let pipe = PrefixPipe(capacity: 5)
        pipe.offer([1, 2, 3].span)
        pipe.offer([4, 5].span)
        pipe.offer([6].span)
        #expect(try pipe.source().readAll(limit: 100) == [1, 2, 3, 4, 5])
        // Room alone doesn't open it again: there would be a hole.
        pipe.offer([7].span)
        #expect(try pipe.source().readAll(limit: 100) == [])
    }

    @Test func atTheEndNothingOfABeginningIsWaitedFor() throws {
        let pipe = PrefixPipe(capacity: 5)
        for byte in UInt8(1)...7 { pipe.offer([byte].span) }
        pipe.end()
        #expect(try pipe.source().readAll(limit: 100) == [])
        #expect(pipe.taken == 0)
    }

    @Test func anErrorReachesTheReaderThatWaits() throws {
        let pipe = PrefixPipe(capacity: 5)
        let hasStarted = DetachedThread.start { pipe.fail(StreamError(.cancelled)) }
        #expect(hasStarted)
        #expect(throws: StreamError.self) { try pipe.source().readAll(limit: 100) }
    }
}
