import LinuxSystem
import Reporting
import Testing

@testable import SocleCommands

struct ProgressTests {
    static func text(_ string: String) -> [UInt8] { Array(string.utf8) }

    static func plain(_ events: [(ProgressEvent, Double)]) -> String {
        var renderer = PlainProgress()
        let timed = events.map { (event: $0.0, time: Duration.seconds($0.1)) }
        return renderer.render(timed, now: .seconds(100)) + renderer.finish(now: .seconds(100))
    }

    @Test func writesStepsAsBuildKit() {
        let output = Self.plain([
            (.started(7, title: "[internal] load build definition from Dockerfile"), 0),
            (.amount(7, done: 100, total: nil), 0), (.finished(7, .done), 0),
            (.started(8, title: "[1/2] RUN make"), 0.1), (.log(8, bytes: Self.text("one\ntw"), stream: .output), 0.313),
            (.log(8, bytes: Self.text("o\npartial"), stream: .error), 12.345), (.finished(8, .done), 12.4),
            (.started(9, title: "[2/2] COPY a b"), 12.4), (.finished(9, .cached), 12.4),
        ])
        #expect(
            output == """
                #1 [internal] load build definition from Dockerfile
                #1 transferring 100B done
                #1 DONE 0.0s

                #2 [1/2] RUN make
                #2 0.213 one
                #2 12.25 two
                #2 12.30 partial
                #2 DONE 12.3s

                #3 [2/2] COPY a b
                #3 CACHED


                """
        )
    }

    @Test func keepsStepsApart() {
        let output = Self.plain([
            (.started(1, title: "a"), 0), (.started(2, title: "b"), 0),
            (.log(1, bytes: Self.text("a1\n"), stream: .output), 1),
            (.log(2, bytes: Self.text("b1\n"), stream: .output), 1.5),
            (.log(1, bytes: Self.text("a2\n"), stream: .output), 2), (.finished(1, .done), 2.5),
            (.finished(2, .failed("exit code: 2")), 3),
        ])
        #expect(
            output == """
                #1 a
                #1 1.000 a1
                #1 2.000 a2
                #1 DONE 2.5s

                #2 b
                #2 1.500 b1
                #2 ERROR: exit code: 2


                """
        )
    }

    @Test func leavesAStepThatSaysNothing() {
        let output = Self.plain([
            (.started(1, title: "slow"), 0), (.started(2, title: "busy"), 0),
            (.log(1, bytes: Self.text("x\n"), stream: .output), 1),
            (.log(2, bytes: Self.text("y\n"), stream: .output), 9), (.finished(1, .cancelled), 9.5),
        ])
        #expect(
            output == """
                #1 slow
                #1 1.000 x
                #1 ...

                #2 busy
                #2 9.000 y
                #2 ...

                #1 slow
                #1 CANCELED


                """
        )
    }

    @Test func skimmingKeepsWhatTakingKeeps() {
        var taken = StepLines()
        var skimmed = StepLines()
        let pieces = ["a\nb", "c\n", (1...30).map { "\($0)\n" }.joined(), "x", "", "y\nz\n", "end", "\n\n\n"]
        for (index, piece) in pieces.enumerated() {
            _ = taken.take(Self.text(piece), stamp: "\(index)")
            skimmed.skim(Self.text(piece), stamp: "\(index)")
            #expect(taken.tail.map(\.text) == skimmed.tail.map(\.text))
            #expect(taken.tail.map(\.stamp) == skimmed.tail.map(\.stamp))
        }
        #expect(taken.end(stamp: "") == skimmed.end(stamp: ""))
    }

    @Test func framesWhatFailed() {
        var steps = FailedSteps()
        steps.take(.started(1, title: "[2/3] RUN make"), at: .zero)
        let lines = (1...15).map { "line \($0)\n" }.joined()
        steps.take(.log(1, bytes: Self.text(lines), stream: .output), at: .seconds(1))
        steps.take(.log(1, bytes: Self.text("end"), stream: .output), at: .seconds(2))
        steps.take(.finished(1, .failed("exit code: 1")), at: .seconds(3))
        #expect(steps.frames.count == 1)
        #expect(steps.frames.first?.hasPrefix("------\n > [2/3] RUN make:\n1.000 line 7\n") == true)
        #expect(steps.frames.first?.hasSuffix("1.000 line 15\n3.000 end\n------\n") == true)
    }

    @Test func feedsFromManyThreads() {
        let written = Guarded("")
        let feed = ProgressFeed(PlainProgress()) { text in written.update { $0 += text } }
        let done = Guarded(0)
        for id in 1...8 {
            let sink = feed.sink
            let started = DetachedThread.start {
                sink(.started(id, title: "step \(id)"))
                for line in 0..<100 { sink(.log(id, bytes: Self.text("\(line)\n"), stream: .output)) }
                sink(.finished(id, .done))
                done.update { $0 += 1 }
            }
            #expect(started)
        }
        done.wait { $0 == 8 ? () : nil }
        feed.finish()
        let output = written.wait { $0 }
        #expect(output.split(separator: "\n").count { $0.hasSuffix("DONE 0.0s") || $0.contains(" DONE ") } == 8)
        #expect(output.split(separator: "\n").count { $0.hasSuffix(" 99") } == 8)
    }

    @Test func holdsUpWhoIsTooFast() {
        let gate = Guarded(false)
        let written = Guarded(0)
        let feed = ProgressFeed(PlainProgress()) { text in
            gate.wait { $0 ? () : nil }
            written.update { $0 += text.utf8.count }
        }
        let sink = feed.sink
        let count = 120
        let sent = Guarded(0)
        let chunk = Array(repeating: UInt8(ascii: "x"), count: 65_535) + [10]
        let started = DetachedThread.start {
            sink(.started(1, title: "flood"))
            for _ in 0..<count {
                sink(.log(1, bytes: chunk, stream: .output))
                sent.update { $0 += 1 }
            }
        }
        #expect(started)
        // There is room for some of it, and then the one who writes waits; nobody opens the gate before.
        sent.wait { $0 >= 8 ? () : nil }
        #expect(sent.wait { $0 } < count)
        gate.update { $0 = true }
        sent.wait { $0 == count ? () : nil }
        feed.finish()
        let bytes = written.wait { $0 }
        #expect(bytes > count * 65_536, "\(bytes) bytes were written: all that was said")
    }

    @Test func letsGoWhatOnlyTheEndIsShownOf() {
        let feed = ProgressFeed(TerminalProgress(.init(verb: "Building"), columns: 80, rows: 24), tick: .seconds(3600))
        { _ in
        }
        let chunk = Array(repeating: UInt8(ascii: "x"), count: 65_535) + [10]
        feed.sink(.started(1, title: "flood"))
        // Nothing is drawn for an hour, and nobody waits for it.
        for _ in 0..<200 { feed.sink(.log(1, bytes: chunk, stream: .output)) }
        feed.sink(.finished(1, .failed("exit code: 1")))
        #expect(feed.failedSteps.frames.count == 1)
    }

    @Test func plainSaysWhatIsDoneFirst() {
        var renderer = PlainProgress(opening: "building with socle")
        #expect(renderer.render([], now: .zero).isEmpty)
        let text = renderer.render([(.started(1, title: "a"), .zero), (.finished(1, .done), .zero)], now: .zero)
        #expect(text == "#0 building with socle\n\n#1 a\n#1 DONE 0.0s\n\n")
    }

    @Test func plainTellsParts() {
        let output = Self.plain([
            (.started(1, title: "load"), 0),
            (.part(1, .init("transferring dockerfile", done: 230, isFinished: true)), 0),
            (.part(1, .init("unpacking", done: 1_000_000, total: 2_000_000)), 0),
            (.part(1, .init("unpacking", done: 1_100_000, total: 2_000_000)), 1),
            (.part(1, .init("unpacking", done: 2_000_000, total: 2_000_000, isFinished: true)), 6),
            (.finished(1, .done), 6),
        ])
        #expect(
            output == """
                #1 load
                #1 transferring dockerfile 230B done
                #1 unpacking 1MB / 2MB
                #1 unpacking 2MB / 2MB 6.0s done
                #1 DONE 6.0s


                """
        )
    }

    @Test func plainKeepsLinesThatRewriteThemselves() {
        let output = Self.plain([
            (.started(1, title: "a"), 0), (.log(1, bytes: Self.text("10%\r20%\r\n"), stream: .output), 1),
            (.finished(1, .done), 1),
        ])
        #expect(output.contains("#1 1.000 10%\r20%\n"))
    }
}
