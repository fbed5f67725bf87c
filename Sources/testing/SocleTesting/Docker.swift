package import SystemPackage

/// The real Docker: the oracle. `scripts/with-docker` starts one and names it in `DOCKER_HOST`.
package enum Docker {
    package static let isThere = Requirement(
        isMet: Environment.value("DOCKER_HOST").map { !$0.isEmpty } ?? false && Requirement.tool("docker").isMet,
        reason: "needs Docker to compare with (scripts/with-docker)"
    )

    /// Debian's, whose words are the oracle, also where another one is first on `PATH`.
    private static let program =
        (try? Command.run("test", ["-x", "/usr/bin/docker"]).status) == 0 ? "/usr/bin/docker" : "docker"

    package static func run(_ arguments: [String], input: [UInt8] = [], directory: FilePath? = nil) throws -> Command {
        var variables = ["DOCKER_BUILDKIT": "0", "PATH": Environment.value("PATH") ?? "/usr/bin:/bin", "HOME": "/root"]
        variables["DOCKER_HOST"] = Environment.value("DOCKER_HOST")
        return try Command.run(program, arguments, input: input, environment: variables, directory: directory)
    }

    @discardableResult
    package static func output(
        _ arguments: String...,
        input: [UInt8] = [],
        directory: FilePath? = nil
    ) throws -> String {
        let result = try run(arguments, input: input, directory: directory)
        guard result.status == 0 else {
            throw Command.Failed("docker \(arguments.joined(separator: " ")): \(result.status): \(result.errorText)")
        }
        return result.text.trimmingLastNewline
    }
}

extension Command {
    /// What was said without the names of who said it: Docker's client speaks for a daemon, socle for itself.
    ///
    /// Lines that only explain (`hint: …`) are left out.
    package var plainError: String {
        var text = errorText
        for (theirs, ours) in [
            ("Error response from daemon: ", ""), ("docker: ", ""), ("socle: ", ""), ("Error: ", ""),
            ("'docker ", "'COMMAND "), ("'socle ", "'COMMAND "), ("\"docker ", "\"COMMAND "),
            ("\"socle ", "\"COMMAND "),
            ("Usage:  docker ", "Usage:  COMMAND "), ("Usage:  socle ", "Usage:  COMMAND "),
        ] {
            text = text.split(separator: theirs, omittingEmptySubsequences: false).joined(separator: ours)
        }
        return text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("hint: ") }
            .joined(separator: "\n")
    }
}
