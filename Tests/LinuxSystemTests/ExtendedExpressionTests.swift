import LinuxSystem
import Testing

@Suite struct ExtendedExpressionTests {
    @Test(arguments: [
        ("a", "bab", true), ("^a", "bab", false), ("^(a|b)[0-9]+$", "b12", true), ("^(a|b)[0-9]+$", "b12x", false),
        ("", "x", true), ("a.c", "abc", true),
    ])
    func whatMatches(_ pattern: String, _ text: String, _ isMatch: Bool) {
        guard let expression = ExtendedExpression(pattern) else {
            Issue.record("\(pattern) is none")
            return
        }
        let answer = expression.matches(text)
        #expect(answer == isMatch)
    }

    @Test(arguments: ["[", "(", "a{2,1}"])
    func whatIsNone(_ pattern: String) {
        if let expression = ExtendedExpression(pattern) {
            let answer = expression.matches("")
            Issue.record("\(pattern) is one, and says \(answer)")
        }
    }
}
