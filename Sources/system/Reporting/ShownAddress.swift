/// Addresses as they may be shown.
public enum ShownAddress {
    /// The text without the user's name and password in front of a host: `https://xxxxx:xxxxx@host/path`.
    ///
    /// What is no address stays as it is, as does the user of `git@host:path`, who has no password there.
    public static func hidingCredentials(_ text: String) -> String {
        guard let credentials = credentials(in: text) else { return text }
        let isSecret = text[credentials].contains(":") || !text.hasPrefix("ssh://")
        guard isSecret else { return text }
        let shown = text[credentials].contains(":") ? "xxxxx:xxxxx" : "xxxxx"
        return text[..<credentials.lowerBound] + shown + text[credentials.upperBound...]
    }

    /// Where the name and password stand in an address; nil where there are none.
    public static func credentials(in text: String) -> Range<String.Index>? {
        guard let scheme = text.firstRange(of: "://") else { return nil }
        let authority = text[scheme.upperBound...].prefix { !"/?#".contains($0) }
        guard let at = authority.lastIndex(of: "@") else { return nil }
        return scheme.upperBound..<at
    }
}
