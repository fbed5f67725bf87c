package import OCISpec

/// Moments as HTTP's headers have them: `Wed, 21 Oct 2015 07:28:00 GMT`.
package enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The moment; nil for what isn't in the form that servers must use.
    package static func moment(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT" || words[5] == "UTC",
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        func padded(_ text: some StringProtocol, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let date = "\(padded(words[3], 4))-\(padded(String(month + 1), 2))-\(padded(words[1], 2))"
        return try? Timestamp("\(date)T\(words[4])Z")  // a date that is none counts as not said
    }
}
