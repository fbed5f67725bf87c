/// One way in which a step differs from what it was built as before.
package enum KeyChange: Sendable, Hashable {
    /// A file of what is copied, by its path in the image; says what about it.
    case file(path: String, FileChange)
    /// So many more files changed.
    case moreFiles(Int)
    /// The program and its arguments.
    case command(from: String, to: String)
    /// A variable of the environment; nil where there was or is none. Values of secrets aren't told.
    case variable(String, from: String?, to: String?)
    /// A mount of RUN, as it is written.
    case mount(from: String?, to: String?)
    /// Anything else that the instruction says: `user`, `network`, `destination`.
    case setting(String, from: String?, to: String?)
    /// An earlier step of this build was carried out and gave something else.
    case rebuilt(step: String)
    /// An earlier step of this build was known, but with another result than then.
    case otherResult(step: String)
    /// The image that the stage begins with; what differs by the digests of the first layers that do.
    case base(String?, from: String?, to: String?)

    package enum FileChange: Sendable, Hashable {
        case added, removed
        /// What about it: `content`, `mode`, `owner`.
        case changed([String])
    }
}

/// What became of one step, and why.
package struct StepExplanation: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        /// Known: from the store, or from the cache of that name.
        case hit(from: String?)
        /// Carried out, because it differs so from the nearest that was built before.
        case changed([KeyChange])
        /// Carried out: nothing like it was built before.
        case new
        /// Carried out: the result that is on record isn't in the store any more.
        case lost
        /// Carried out without asking: `--no-cache` or `--no-cache-filter`.
        case ignored
    }

    /// The step as progress calls it.
    package var step: String
    /// The line of the Dockerfile.
    package var line: Int?
    package var outcome: Outcome

    package init(step: String, line: Int?, outcome: Outcome) {
        self.step = step
        self.line = line
        self.outcome = outcome
    }
}
