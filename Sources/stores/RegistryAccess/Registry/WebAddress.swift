import OCISpec

/// A URL of http or https, taken apart as far as requests need it.
struct WebAddress: Hashable, Sendable {
    var scheme: String
    /// Host and port as written.
    var authority: String
    /// With its leading slash and its query.
    var target: String

    /// Nil for what isn't one, or carries a user's name.
    init?(_ text: String) {
        guard let colon = text.firstRange(of: "://") else { return nil }
        scheme = text[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = text[colon.upperBound...]
        authority = rest.prefix { !"/?#".contains($0) }.lowercased()
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        let path = rest.dropFirst(authority.count).prefix { $0 != "#" }
        target = path.hasPrefix("/") ? String(path) : "/" + path
    }

    init(scheme: String, authority: String, target: String) {
        self.scheme = scheme
        self.authority = authority.lowercased()
        self.target = target
    }

    var text: String { "\(scheme)://\(authority)\(target)" }

    /// Whether both are answered by the same server: what is secret for one may be sent to the other.
    func hasOrigin(of other: WebAddress) -> Bool { scheme == other.scheme && fullAuthority == other.fullAuthority }

    /// Host and port, the port said.
    private var fullAuthority: String {
        let host = authority.hasPrefix("[") ? authority.drop { $0 != "]" } : authority[...]
        return host.contains(":") ? authority : authority + (scheme == "https" ? ":443" : ":80")
    }

    /// What a `Location` or `Link` that was found here means; nil for what can't be asked.
    func resolving(_ location: String) -> WebAddress? {
        if location.contains("://") { return WebAddress(location) }
        if location.hasPrefix("//") { return WebAddress("\(scheme):\(location)") }
        if location.hasPrefix("/") { return WebAddress(scheme: scheme, authority: authority, target: location) }
        let path = target.prefix { $0 != "?" }
        if location.hasPrefix("?") { return WebAddress(scheme: scheme, authority: authority, target: path + location) }
        let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
        return WebAddress(scheme: scheme, authority: authority, target: folder + location)
    }

    /// With one more item in its query; name and value are encoded here.
    func adding(_ name: String, _ value: String) -> WebAddress {
        var address = self
        address.target += (target.contains("?") ? "&" : "?") + name + "=" + PercentEncoding.encoded(value)
        return address
    }
}
