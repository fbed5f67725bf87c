package import SystemPackage

/// The socle binary with a store of its own, removed with everything in it when the test ends.
///
/// `SOCLE_BINARY` names the binary; without it the debug build beside the tests is used.
package struct Socle: ~Copyable {
    package let root: TemporaryRoot
    package var store: FilePath { root.path.appending("store") }
    /// A folder for the test's own files.
    package var work: FilePath { root.path.appending("work") }

    /// Settings by which Docker Hub is never asked: tests talk to this machine only.
    private var settings: String { root.path.appending("registries.json").string }

    package static let binary: String = {
        if let named = Environment.value("SOCLE_BINARY") { return named }
        var path = FilePath(#filePath)
        while let last = path.lastComponent?.string, last != "Sources" { path.removeLastComponent() }
        return path.removingLastComponent().appending(".build/debug/socle").string
    }()

    package init() throws {
        let fresh = try TemporaryRoot()
        let blocked = #"{"registries": {"docker.io": {"blocked": true}}}"#
        try FileTree.write(["registries.json": .file(Array(blocked.utf8))], to: fresh.path)
        try FileTree.write([:], to: fresh("work"))
        root = fresh
    }

    /// Runs socle in the test's folder.
    package func run(
        _ arguments: [String],
        input: [UInt8] = [],
        environment: [String: String] = [:]
    ) throws -> Command {
        let variables = Self.variables.merging(["SOCLE_ROOT": store.string, "SOCLE_REGISTRIES": settings]) { $1 }.merging(environment) { $1 }
        return try Command.run(Self.binary, arguments, input: input, environment: variables, directory: work)
    }

    /// Runs socle, which has to succeed; its output without the last line's end.
    @discardableResult
    package func output(_ arguments: String..., input: [UInt8] = []) throws -> String {
        let result = try run(arguments, input: input)
        guard result.status == 0 else {
            throw Command.Failed("socle \(arguments.joined(separator: " ")): \(result.status): \(result.errorText)")
        }
        return result.text.trimmingLastNewline
    }

    package func write(_ tree: FileTree) throws { try FileTree.write(tree, to: work) }

    // MARK: - Scripts

    /// Runs a script of bash in the test's folder, in which `socle` is the binary with this store, and `$SOCLE` its path.
    ///
    /// `eventually TEXT COMMAND` is for what takes a moment: it runs the command, a string, until it says the text, for up to
    /// 20 s, and then says what the command said last.
    package func shell(_ script: String, environment: [String: String] = [:]) throws -> Command {
        let variables = Self.variables.merging(["SOCLE_ROOT": store.string, "SOCLE": Self.binary, "SOCLE_REGISTRIES": settings]) { $1 }
            .merging(environment) { $1 }
        let prelude = """
            socle() { "$SOCLE" "$@"; }
            eventually() {
                local said try; for try in $(seq 400); do said=$(eval "$2"); [ "$said" = "$1" ] && break; sleep 0.05; done; echo "$said"
            }

            """
        return try Command.run("bash", ["-c", prelude + script], environment: variables, directory: work)
    }

    /// Runs a script of Python in the test's folder, with the variables of `shell`.
    package func python(_ script: String, _ arguments: [String] = []) throws -> Command {
        let variables = Self.variables.merging(["SOCLE_ROOT": store.string, "SOCLE": Self.binary, "SOCLE_REGISTRIES": settings]) { $1 }
        return try Command.run("python3", ["-c", script] + arguments, environment: variables, directory: work)
    }

    /// Containers have no network unless a test says so: a bridge would stay on the machine.
    private static var variables: [String: String] {
        ["PATH": Environment.value("PATH") ?? "/usr/bin:/bin", "HOME": "/root", "LANG": "C", "SOCLE_NETWORK": "none"]
    }
}

extension Command {
    /// Both streams and the status, for comparing one program with another.
    package var summary: String { "status \(status)\n\(text)\(errorText)" }

    /// The status and the output of a script that has to succeed.
    @discardableResult
    package func succeeding() throws -> String {
        guard status == 0 else { throw Failed("status \(status): \(text)\(errorText)") }
        return text.trimmingLastNewline
    }
}

extension String {
    package var trimmingLastNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
