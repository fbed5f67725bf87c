import Reporting

/// One verb: its flags and operands as properties, filled by the parser, and what it does with them.
///
/// A command parses, makes a request value, calls one method of the engine and renders the result.
protocol Command {
    static var usage: Usage { get }
    @FlagListing<Self> static var flags: [Flag<Self>] { get }
    /// Which table its errors are read from.
    static var errorStyle: ErrorStyle { get }
    /// Whether it works on files and processes of containers, which an ordinary user's are in a user namespace.
    static var entersUserSpace: Bool { get }
    var operands: [String] { get set }

    init()

    /// Does it. Errors are reported by the caller.
    func run(in session: Session) throws -> ExitCode
}

extension Command {
    static var flags: [Flag<Self>] { [] }
    static var errorStyle: ErrorStyle { .plain }
    static var entersUserSpace: Bool { true }

    /// Parses `words` and runs; every error has been reported when it returns.
    static func invoke(_ path: String, _ words: ArraySlice<String>, _ session: Session) -> ExitCode {
        var command = Self()
        do throws(ArgumentError) {
            let parser = FlagParser(flags, stopsAtOperand: usage.stopsAtOperand)
            let outcome = try parser.parse(words, into: &command)
            if outcome.asksForHelp {
                session.output.write(HelpText.command(path, usage, flags: flags))
                return .success
            }
            command.operands = outcome.operands
        } catch {
            session.output.complain(ErrorTable.flagError(error, path: path))
            return .engine
        }
        if let complaint = usage.complaint(path, about: command.operands.count) {
            let line = HelpText.usageLine(path, usage, hasFlags: flags.contains { $0.help != nil })
            session.output.complain("\(complaint)\nSee '\(path) --help'.\n\n\(line)\n\n\(usage.summary)")
            return .failure
        }
        do {
            if entersUserSpace { try session.enterUserSpace() }
            return try command.run(in: session)
        } catch {
            let report = ErrorTable.report(error, style: errorStyle, path: path)
            if !report.text.isEmpty { session.output.complain(report.text) }
            return report.code
        }
    }
}
