import Reporting
import Testing

@Suite struct ShownTextTests {
    @Test(arguments: [
        ("plain – text ✓ 👩‍💻", "plain – text ✓ 👩‍💻"), ("a\tb\r\nc", "a b  c"), ("\u{1b}[31mred\u{1b}]0;t\u{7}", "\u{fffd}[31mred\u{fffd}]0;t\u{fffd}"),
        ("\u{9b}1m\u{7f}", "\u{fffd}1m\u{fffd}"), ("a\u{202e}b\u{2066}c\u{200b}d", "abcd"), ("a\u{2028}b", "a b"), ("", ""),
    ])
    func whatMovesATerminalIsTakenOut(_ text: String, _ shown: String) { #expect(ShownText.line(text) == shown) }
}
