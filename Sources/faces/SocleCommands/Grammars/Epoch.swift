/// `SOURCE_DATE_EPOCH`: seconds since 1970 that nothing that is made is younger than.
struct Epoch: ArgumentValue, Hashable {
    static let variable = "SOURCE_DATE_EPOCH"
    var seconds: Int64

    /// Docker's `SOURCE_DATE_EPOCH` is a plain number of seconds.
    init(argument text: String) throws(ArgumentError) {
        guard let seconds = Int64(text), seconds >= 0 else {
            throw ArgumentError("invalid SOURCE_DATE_EPOCH \(GoText.quoted(text)): seconds since 1970 were expected")
        }
        self.seconds = seconds
    }

    /// The caller's variable; nil where it isn't set or empty.
    static func fromEnvironment() throws(ArgumentError) -> Epoch? { try ifGiven(Terminal.environment(variable)) }

    /// Nil where there is no text, or an empty one.
    static func ifGiven(_ text: String?) throws(ArgumentError) -> Epoch? {
        guard let text, !text.isEmpty else { return nil }
        return try Epoch(argument: text)
    }
}
