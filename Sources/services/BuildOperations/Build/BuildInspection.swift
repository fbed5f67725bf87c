package import DockerfileFrontend
package import Reporting

/// What is asked of a build instead of building: `--call`.
package enum BuildQuestion: Sendable, Hashable {
    /// What the checks find. Without a target they look at every stage.
    case checks
    /// What the target takes from outside.
    case outline
    /// Which stages can be built.
    case targets
}

/// The answer, with the Dockerfile that it is about.
package struct BuildInspection: Sendable {
    package enum Answer: Sendable {
        /// What the checks found and what keeps the file from being built, in the order of the file.
        case checks([Diagnostic])
        case outline(BuildOutline)
        case targets([BuildTarget])
    }

    package var answer: Answer
    /// The Dockerfile's name as the user knows it, and its bytes.
    package var file: String
    package var source: [UInt8]
}
