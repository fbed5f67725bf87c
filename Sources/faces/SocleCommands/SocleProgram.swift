import LinuxSystem
package import RegistryAccess
import Reporting
import SystemPackage

/// The command line: finds the command that the words name, and runs it.
///
/// It knows Docker's verbs, flags and words; what the verbs do is the engine's matter. Nothing but the chosen command's
/// work is done at start: flags are tables that only that command makes.
package enum SocleProgram {
    /// Runs the program.
    ///
    /// - Parameters:
    ///   - arguments: what follows the program's name.
    ///   - transport: makes what fetches URLs.
    /// - Returns: the exit status.
    package static func run(
        _ arguments: ArraySlice<String>,
        transport: @escaping @Sendable () -> any HTTPTransport
    ) -> Int32 {
        var session = Session(transport: transport)
        session.enterUserSpace = { try UserSpace.enter(environment: Terminal.environment) }
        return run(arguments, &session).value
    }

    static func run(_ arguments: ArraySlice<String>, _ session: inout Session) -> ExitCode {
        var options = GlobalOptions()
        let outcome: FlagParser<GlobalOptions>.Outcome
        do {
            outcome = try FlagParser(GlobalOptions.flags, stopsAtOperand: true).parse(arguments, into: &options)
        } catch {
            session.output.complain(ErrorTable.flagError(error, path: "socle"))
            return .engine
        }
        if options.asksForVersion {
            session.output.print("socle version \(SocleVersion.text)")
            return .success
        }
        session.root = options.root.map { FilePath($0) }
        if let complaint = options.complaint {
            session.output.complain(complaint)
            return .failure
        }
        session.configFolder = options.config
        session.isDebug = options.isDebug || options.logLevel == "debug"
        session.insecureRegistries = options.insecureRegistries
        guard !outcome.asksForHelp, !outcome.operands.isEmpty else {
            session.output.write(rootHelp())
            return .success
        }
        return dispatch(outcome.operands[...], session)
    }

    private static func dispatch(_ words: ArraySlice<String>, _ session: Session) -> ExitCode {
        let name = words.first ?? ""
        let rest = words.dropFirst()
        if name == OCIProgram.word {
            var own = session
            return OCIProgram.run(rest, &own, path: "socle oci")
        }
        if let command = CommandTree.command(name) { return command.invoke("socle \(name)", rest, session) }
        if let group = CommandTree.groups.first(where: { $0.name == name }) {
            return dispatch(group, "socle \(name)", rest, session)
        }
        if name == "help" {
            let asked = rest + (rest.isEmpty ? [] : ["--help"])
            if !asked.isEmpty { return dispatch(asked, session) }
            session.output.write(rootHelp())
            return .success
        }
        if CommandTree.absent.contains(name) {
            session.output.complain("socle: '\(name)' is not built into this version.\nSee 'socle --help'")
        } else {
            let hint = Suggestion.nearest(to: name, among: CommandTree.names).map { "\nhint: did you mean '\($0)'?" }
            session.output.complain("socle: '\(name)' is not a socle command.\(hint ?? "")\nSee 'socle --help'")
        }
        return .failure
    }

    private static func dispatch(
        _ group: CommandTree.Group,
        _ path: String,
        _ words: ArraySlice<String>,
        _ session: Session
    ) -> ExitCode {
        guard let name = words.first, name != "--help", name != "-h" else {
            session.output.write(groupHelp(group, path))
            return .success
        }
        if let inner = group.groups.first(where: { $0.name == name }) {
            return dispatch(inner, "\(path) \(name)", words.dropFirst(), session)
        }
        if let entry = group.commands.first(where: { $0.names.contains(name) }) {
            return entry.type.invoke("\(path) \(name)", words.dropFirst(), session)
        }
        let hint = Suggestion.nearest(to: name, among: group.names).map { "\nhint: did you mean '\($0)'?" }
        session.output.complain(
            "socle: '\(path.dropFirst(6)) \(name)' is not a socle command.\(hint ?? "")\nSee '\(path) --help'"
        )
        return .failure
    }

    // MARK: - Help

    static func rootHelp() -> String {
        """

        Usage:  socle [OPTIONS] COMMAND

        Builds container images and runs them, without a daemon

        Options:
        \(HelpText.options(GlobalOptions.flags.filter { $0.help != nil }))
        Management Commands:
        \(HelpText.list(CommandTree.groups.map { ($0.name, $0.summary) } + [(OCIProgram.word, OCIProgram.summary)]))
        Commands:
        \(HelpText.list(CommandTree.commands.map { ($0.names[0], $0.type.usage.summary) }))
        Run 'socle COMMAND --help' for more information on a command.

        """
    }

    static func groupHelp(_ group: CommandTree.Group, _ path: String) -> String {
        """

        Usage:  \(path) COMMAND

        \(group.summary)

        Commands:
        \(HelpText.list(group.summaries))
        Run '\(path) COMMAND --help' for more information on a command.

        """
    }
}

/// The version of the program.
enum SocleVersion {
    static let text = "0.1.0"
    /// What signatures say of the program that made them.
    static let signer = "socle \(text)"
}
