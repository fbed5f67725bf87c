import ByteStreams
import LinuxSystem
import Testing

@Suite struct CancellationTests {
    @Test func actionsRunOnceAndOnlyDuringTheirWork() {
        let cancellation = Cancellation()
        let count = Guarded(0)
        cancellation.whenCancelled({ count.update { $0 += 1 } }) {}
        cancellation.whenCancelled({ count.update { $0 += 10 } }) {
            cancellation.cancel()
            cancellation.cancel()
        }
        #expect(count.wait { $0 } == 10)
        #expect(cancellation.isCancelled)
        #expect(throws: CancellationError.self) { try cancellation.check() }
    }

    @Test func whatWasCalledOffBeforeIsEndedAtOnce() {
        let cancellation = Cancellation()
        cancellation.cancel()
        let wake = Guarded(false)
        cancellation.whenCancelled({ wake.update { $0 = true } }) { wake.wait { $0 ? () : nil } }
    }

    @Test func permitsAreLentAndTakenBack() {
        let permits = Permits(1)
        let steps = Guarded<[String]>([])
        permits.holding {
            permits.lending {
                // Nobody else could take it otherwise, and this would wait for ever.
                permits.holding { steps.update { $0.append("other") } }
            }
            steps.update { $0.append("own") }
        }
        #expect(steps.wait { $0 } == ["other", "own"])
    }
}
