extension Bool {
    /// What Go's `strconv.ParseBool` takes; nil for all else.
    package init?(goText text: some StringProtocol) {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": self = true
        case "0", "f", "F", "false", "FALSE", "False": self = false
        default: return nil
        }
    }
}
