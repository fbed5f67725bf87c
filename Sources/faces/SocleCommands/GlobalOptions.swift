/// Flags before the command.
struct GlobalOptions {
    var root: String?
    var config: String?
    var context: String?
    var logLevel = "info"
    var isDebug = false
    var insecureRegistries: [String] = []
    var asksForVersion = false

    @FlagListing<GlobalOptions> static var flags: [Flag<GlobalOptions>] {
        Flag.value("root", \.root, "Folder of the store (default \"/var/lib/socle\" for root; SOCLE_ROOT)")
        Flag.value("config", \.config, "Folder of the user's config.json (default \"~/.docker\"; DOCKER_CONFIG)")
        Flag.value("context", short: "c", \.context, nil)
        Flag.toggle("debug", short: "D", \.isDebug, "Enable debug mode")
        Flag.list(
            "insecure-registry",
            \.insecureRegistries,
            "Reach a registry without TLS, or with a certificate that nobody vouches for"
        )
        Flag.value("log-level", short: "l", \.logLevel, "\"debug\", as --debug; \"info\", \"warn\", \"error\" and \"fatal\" change nothing")
        Flag.toggle("version", short: "v", \.asksForVersion, "Print version information and quit")
        Flag.refused("host", short: "H", Self.noDaemon)
        ["tls", "tlsverify"].map { Flag.refused($0, takesValue: false, Self.noDaemon) }
        ["tlscacert", "tlscert", "tlskey"].map { Flag.refused($0, Self.noDaemon) }
    }

    private static let noDaemon = "there is no daemon to reach: socle works on the store of this machine (see --root)"
    private static let levels: Set<String> = ["debug", "info", "warn", "warning", "error", "fatal", "panic", "trace"]

    /// What can't be of their values; nil where all can.
    var complaint: String? {
        if !Self.levels.contains(logLevel.lowercased()) { return "Unable to parse logging level: \(logLevel)" }
        if let context, !context.isEmpty, context != "default" {
            return "context \"\(context)\" does not exist: there is no daemon to reach, and so no context but \"default\""
        }
        return nil
    }
}
