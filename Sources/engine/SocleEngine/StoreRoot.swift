package import SystemPackage

/// Where the store of a user is.
package enum StoreRoot {
    /// `SOCLE_ROOT`, else `/var/lib/socle` for root, else `$XDG_DATA_HOME/socle` or `~/.local/share/socle`.
    ///
    /// - Parameter environment: looks a variable up.
    package static func standard(isRoot: Bool, environment: (String) -> String?) -> FilePath {
        func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        if let root = value("SOCLE_ROOT") { return FilePath(root) }
        if isRoot { return "/var/lib/socle" }
        if let data = value("XDG_DATA_HOME") { return FilePath(data).appending("socle") }
        return FilePath(value("HOME") ?? "/").appending(".local/share/socle")
    }
}
