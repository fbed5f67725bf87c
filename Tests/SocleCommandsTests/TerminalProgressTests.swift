import Reporting
import Testing

@testable import SocleCommands

/// What the live mode writes, read as a terminal reads it.
struct TerminalProgressTests {
    /// As much of a terminal as the drawing needs: text, line breaks, moving up, clearing.
    struct Screen {
        let columns: Int
        private(set) var rows: [[Character]] = [[]]
        private var row = 0
        private var column = 0
        private(set) var isCursorShown = true

        init(columns: Int) { self.columns = columns }

        var lines: [String] { rows.map { String($0) } }

        mutating func write(_ text: String) {
            var rest = text[...]
            while let character = rest.popFirst() {
                switch character {
                case "\u{1b}":
                    rest.removeFirst()
                    let body = rest.prefix { !$0.isLetter }
                    rest = rest.dropFirst(body.count)
                    control(rest.removeFirst(), String(body))
                case "\r": column = 0
                case "\n":
                    row += 1
                    column = 0
                    if row == rows.count { rows.append([]) }
                default: put(character)
                }
            }
        }

        private mutating func put(_ character: Character) {
            if column == columns {
                row += 1
                column = 0
                if row == rows.count { rows.append([]) }
            }
            while rows[row].count <= column { rows[row].append(" ") }
            rows[row][column] = character
            column += 1
        }

        private mutating func control(_ letter: Character, _ body: String) {
            switch letter {
            case "A": row = max(0, row - (Int(body) ?? 1))
            case "K": rows[row] = Array(rows[row].prefix(column))
            case "J":
                rows[row] = Array(rows[row].prefix(column))
                rows.removeSubrange((row + 1)...)
            case "l": isCursorShown = false
            case "h": isCursorShown = true
            default: break
            }
        }
    }

    static func text(_ string: String) -> [UInt8] { Array(string.utf8) }

    static func progress(columns: Int = 60, rows: Int = 24, logLines: Int = 6) -> TerminalProgress {
        TerminalProgress(
            .init(verb: "Building", description: "socle", logLines: logLines),
            columns: columns,
            rows: rows
        )
    }

    @Test func drawsOverItself() {
        var renderer = Self.progress()
        var screen = Screen(columns: 60)
        screen.write(
            renderer.render(
                [
                    (.planned(3), .zero), (.started(1, title: "[1/2] RUN make"), .seconds(0)),
                    (.log(1, bytes: Self.text("compiling \u{1b}[31mred\u{1b}[0m\n"), stream: .output), .seconds(1)),
                ],
                now: .seconds(2)
            )
        )
        #expect(
            screen.lines == [
                "[+] Building 2.0s (0/3)                               socle",
                " => [1/2] RUN make                                     2.0s", " => => # compiling red", "",
            ]
        )
        screen.write(
            renderer.render(
                [
                    (.finished(1, .cached), .seconds(3)), (.started(2, title: "[2/2] COPY a b"), .seconds(3)),
                    (.part(2, .init("copying", done: 2_000, total: 4_000)), .seconds(4)),
                ],
                now: .seconds(5)
            )
        )
        #expect(
            screen.lines == [
                "[+] Building 5.0s (1/3)                               socle",
                " => CACHED [1/2] RUN make                              3.0s",
                " => [2/2] COPY a b                                     2.0s",
                " => => copying 2kB / 4kB                               1.0s", "",
            ]
        )
        screen.write(
            renderer.render([(.finished(2, .done), .seconds(6))], now: .seconds(6)) + renderer.finish(now: .seconds(6))
        )
        #expect(screen.lines[0] == "[+] Building 6.0s (2/2) FINISHED                      socle")
        #expect(screen.lines.count == 5 && screen.isCursorShown)
    }

    @Test func whatFailedIsNotFinished() {
        var renderer = Self.progress()
        var screen = Screen(columns: 60)
        screen.write(
            renderer.render(
                [
                    (.started(1, title: "a"), .zero), (.started(2, title: "b"), .zero),
                    (.finished(1, .failed("x")), .zero), (.started(3, title: "c"), .zero),
                    (.finished(3, .cancelled), .zero),
                ],
                now: .zero
            ) + renderer.finish(now: .zero)
        )
        #expect(screen.lines[0].hasPrefix("[+] Building 0.0s (2/3)   "))
        #expect(screen.lines[1].hasPrefix(" => ERROR a "))
        #expect(screen.lines[3].hasPrefix(" => CANCELED c "))
    }

    @Test func showsTheEndOfWhatAProgramSays() {
        var renderer = Self.progress(logLines: 3)
        var screen = Screen(columns: 60)
        let lines = (1...20).map { "line \($0)\n" }.joined()
        screen.write(
            renderer.render(
                [
                    (.started(1, title: "RUN"), .zero),
                    (.log(1, bytes: Self.text(lines), stream: .output), .zero),
                ],
                now: .zero
            )
        )
        #expect(screen.lines[2...].map { $0 } == [" => => # line 18", " => => # line 19", " => => # line 20", ""])
    }

    @Test func followsATerminalThatBecomesNarrower() {
        var renderer = Self.progress(columns: 60)
        var wide = Screen(columns: 60)
        let title = String(repeating: "x", count: 80)
        wide.write(renderer.render([(.started(1, title: title), .zero)], now: .zero))
        // The terminal has broken each of the two lines of 59 columns into two.
        var narrow = Screen(columns: 40)
        narrow.write(wide.lines.joined(separator: "\n"))
        renderer.resize(rows: 24, columns: 40)
        narrow.write(renderer.render([(.finished(1, .done), .zero)], now: .zero))
        #expect(narrow.lines.count == 3)
        #expect(narrow.lines[0] == "[+] Building 0.0s (1/1)           socle")
        #expect(narrow.lines[1].hasPrefix(" => xxx") && narrow.lines[1].count == 39)
    }

    @Test func staysWithinTheTerminal() {
        var renderer = Self.progress(columns: 40, rows: 10)
        let events: [(event: ProgressEvent, time: Duration)] = (1...50).flatMap { id in
            [
                (event: ProgressEvent.started(id, title: String(repeating: "火", count: 100)), time: Duration.zero),
                (event: id < 48 ? .finished(id, .done) : .note("n"), time: .zero),
            ]
        }
        var screen = Screen(columns: 80)
        screen.write(renderer.render(events, now: .zero))
        #expect(screen.lines.count <= 10)
        #expect(screen.lines.allSatisfy { TextWidth.columns($0) < 40 })
    }

    @Test func colorsAreTheCallers() {
        #expect(ProgressColors.fromEnvironment { _ in nil } == ProgressColors())
        #expect(ProgressColors.fromEnvironment { $0 == "NO_COLOR" ? "1" : nil } == nil)
        let chosen = ProgressColors(parsing: "run=1,2,3:error=light-red:cancel=nonsense:warning=300,1,1")
        #expect(chosen.run == "38;2;1;2;3" && chosen.error == "91")
        #expect(chosen.cancel == ProgressColors().cancel && chosen.warning == ProgressColors().warning)
        var renderer = TerminalProgress(.init(verb: "Building", colors: chosen), columns: 60, rows: 24)
        let text = renderer.render([(.started(1, title: "a"), .zero), (.finished(1, .failed("x")), .zero)], now: .zero)
        #expect(text.contains("\u{1b}[91m => ERROR a"))
    }

    @Test func widthsAreColumns() {
        #expect(TextWidth.columns("abc") == 3)
        #expect(TextWidth.columns("火山") == 4)
        #expect(TextWidth.columns("e\u{301}🎉") == 3)
        #expect(TextWidth.prefix("火山x", 3) == "火")
    }
}
