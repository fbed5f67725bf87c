/// `SOURCE_DATE_EPOCH`: seconds since 1970 that nothing that is made is younger than.
enum Epoch {
    /// The caller's variable; nil where it isn't set or empty.
    static func fromEnvironment() throws(ArgumentError) -> Int64? {
        guard let text = Terminal.environment("SOURCE_DATE_EPOCH"), !text.isEmpty else { return nil }
        return try parse(text)
    }

    /// Docker's `SOURCE_DATE_EPOCH` is a plain number of seconds.
    static func parse(_ text: String) throws(ArgumentError) -> Int64 {
        guard let seconds = Int64(text), seconds >= 0 else {
            throw ArgumentError("invalid SOURCE_DATE_EPOCH \(GoText.quoted(text)): seconds since 1970 were expected")
        }
        return seconds
    }
}
