import ELFFormat

/// What became of starting a command, in thought.
enum Execution {
    /// It runs.
    case runs(Started)
    /// The kernel, a loader or an `env` refuses: why, the first reason first.
    case fails([Finding])

    /// A command that starts.
    struct Started {
        /// The program that runs at the end, an interpreter where the command is a script.
        var program: ImageRoot.Entry
        var file: ELFFile
        /// The scripts on the way to it, the command first.
        var scripts: [ImageRoot.Entry]
        /// What the program is called with, as far as the command says: its own name first.
        var arguments: [String]
        /// How one came from the command to the program.
        var chain: [String]
        /// The loader's work; nil for a static program.
        var links: LinkMap?
        var isMusl = false
    }
}
