/// The flags of `build` that ask about it: `--call`, `--check`, and how much is said of warnings.
struct BuildCheckOptions: Hashable {
    var call = CallArgument()
    var checks = false
    var isDebug = false

    @FlagListing<Self> static var flags: [Flag<Self>] {
        Flag.value("call", \.call, "Set method for evaluating build (\"check\", \"outline\", \"targets\")")
        Flag.toggle("check", \.checks, "Shorthand for \"--call=check\"")
        Flag.toggle("debug", short: "D", \.isDebug, "Show for every warning what it is about")
    }

    /// What is asked; nil for a build.
    var question: CallArgument? {
        var asked = call
        if checks { asked.question = .check }
        return asked.question == .build ? nil : asked
    }
}
