import Reporting
import Testing

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("FORM", "FROM"), ("copi", "COPY"), ("RUNN", "RUN"), ("EXPSE", "EXPOSE"), ("XYZZY", nil), ("", nil), ("R", nil),
    ])
    func nearest(_ word: String, _ expected: String?) {
        #expect(Suggestion.nearest(to: word, among: ["FROM", "COPY", "RUN", "EXPOSE"]) == expected)
    }
}
