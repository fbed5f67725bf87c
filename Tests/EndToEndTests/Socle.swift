import SocleTesting
import SystemPackage
import Testing

/// The socle binary with a store of its own, removed with everything in it when the test ends.
///
/// `SOCLE_BINARY` names the binary; without it the debug build beside the tests is used.
struct Socle: ~Copyable {
    let root: TemporaryRoot
    var store: FilePath { root.path.appending("store") }
    /// A folder for the test's own files.
    var work: FilePath { root.path.appending("work") }

    static let binary: String = {
        if let named = Environment.value("SOCLE_BINARY") { return named }
        var path = FilePath(#filePath)
        while let last = path.lastComponent?.string, last != "Tests" { path.removeLastComponent() }
        return path.removingLastComponent().appending(".build/debug/socle").string
    }()

    init() throws {
        root = try TemporaryRoot()
        try FileTree.write([:], to: work)
    }

    /// Runs socle in the test's folder.
    func run(_ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:]) throws -> Command {
        var variables = [
            "SOCLE_ROOT": store.string, "PATH": Environment.value("PATH") ?? "/usr/bin:/bin", "HOME": "/root", "LANG": "C",
        ]
        variables.merge(environment) { $1 }
        return try Command.run(
            Self.binary, arguments, input: input, environment: variables, directory: work)
    }

    /// Runs socle, which has to succeed; its output without the last line's end.
    @discardableResult
    func output(_ arguments: String..., input: [UInt8] = []) throws -> String {
        let result = try run(arguments, input: input)
        guard result.status == 0 else {
            throw Command.Failed("socle \(arguments.joined(separator: " ")): \(result.status): \(result.errorText)")
        }
        return result.text.trimmingLastNewline
    }

    func write(_ tree: FileTree) throws { try FileTree.write(tree, to: work) }
}

extension Command {
    /// Both streams and the status, for comparing one program with another.
    var summary: String { "status \(status)\n\(text)\(errorText)" }
}

extension String {
    var trimmingLastNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}

/// The real Docker: the oracle. `scripts/with-docker` starts one and names it in `DOCKER_HOST`.
enum Docker {
    static let isThere = Requirement(
        isMet: Environment.value("DOCKER_HOST").map { !$0.isEmpty } ?? false
            && Requirement.tool("docker").isMet, reason: "needs Docker to compare with (scripts/with-docker)")

    static func run(_ arguments: [String], input: [UInt8] = [], directory: FilePath? = nil) throws -> Command {
        var variables = ["DOCKER_BUILDKIT": "0", "PATH": Environment.value("PATH") ?? "/usr/bin:/bin", "HOME": "/root"]
        variables["DOCKER_HOST"] = Environment.value("DOCKER_HOST")
        return try Command.run("docker", arguments, input: input, environment: variables, directory: directory)
    }

    @discardableResult
    static func output(_ arguments: String..., input: [UInt8] = [], directory: FilePath? = nil) throws -> String {
        let result = try run(arguments, input: input, directory: directory)
        guard result.status == 0 else {
            throw Command.Failed("docker \(arguments.joined(separator: " ")): \(result.status): \(result.errorText)")
        }
        return result.text.trimmingLastNewline
    }
}

/// Small inputs that several tests want.
enum Fixture {
    /// A tar of a root with busybox and its commands: a megabyte that can do what a distribution's root can.
    static func busyboxRoot(in folder: FilePath) throws -> FilePath {
        let script = """
            set -e
            mkdir -p root/bin root/etc root/tmp root/root root/usr/bin root/var
            chmod 1777 root/tmp
            cp "$(command -v busybox)" root/bin/busybox
            for name in $(root/bin/busybox --list); do [ "$name" = busybox ] || ln -s busybox root/bin/$name; done
            printf 'root:x:0:0:root:/root:/bin/sh\\nuser:x:1000:1000::/home/user:/bin/sh\\n' > root/etc/passwd
            printf 'root:x:0:\\nuser:x:1000:\\nextra:x:2000:user\\n' > root/etc/group
            tar -C root --numeric-owner --owner 0 --group 0 --sort name --mtime @1700000000 -cf busybox.tar .
            """
        try Command.output(of: "sh", ["-c", script], directory: folder)
        return folder.appending("busybox.tar")
    }

    static let busybox = Requirement.tool("busybox")
}
