import ContainerRuntime
import LinuxSystem
import OCISpec
import Reporting

/// How commands of an image are started: variables, place, user, processor.
struct CommandSettings {
    /// What Docker gives a container whose image has no `PATH`.
    static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    var environment: [String: String]
    var workingDirectory: String
    var user: RuntimeSpec.User
    var platform: Platform
    /// The words that shell forms begin with.
    var shell: [String]

    init(_ config: ContainerConfig, platform: Platform, user: RuntimeSpec.User) {
        environment = [:]
        for variable in config.env {
            let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            environment[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        workingDirectory = config.workingDir.isEmpty ? "/" : config.workingDir
        self.user = user
        self.platform = platform
        shell = config.shell.flatMap { $0.isEmpty ? nil : $0 } ?? ["/bin/sh", "-c"]
    }

    /// The directories of `PATH`.
    var searchPath: [String] {
        (environment["PATH"] ?? Self.standardPath).split(separator: ":").map(String.init)
    }

    /// `LD_LIBRARY_PATH`.
    var libraryPath: [String] {
        (environment["LD_LIBRARY_PATH"] ?? "").split { $0 == ":" || $0 == ";" }.map(String.init)
    }

    /// A path as the command sees it.
    func absolute(_ path: String) -> PathBytes {
        path.hasPrefix("/") ? PathBytes(path) : PathBytes(LibrarySearch.join(workingDirectory, path))
    }

    /// Whether the user may execute a file or enter a directory. Root may, where anybody may.
    func mayExecute(_ entry: ImageRoot.Entry) -> Bool {
        if user.uid == 0 { return entry.mode & 0o111 != 0 || entry.kind == .directory }
        return entry.mode >> shift(entry) & 1 != 0
    }

    /// Whether the user may make files in a directory.
    func mayWrite(_ entry: ImageRoot.Entry) -> Bool {
        user.uid == 0 || entry.mode >> shift(entry) & 2 != 0
    }

    private func shift(_ entry: ImageRoot.Entry) -> UInt32 {
        if entry.uid == user.uid { return 6 }
        return entry.gid == user.gid || (user.additionalGids ?? []).contains(entry.gid) ? 3 : 0
    }
}

extension CommandSettings {
    private static let accountsLimit = UserLookup.sizeLimit

    /// Who a text of `USER` is in a root file system; a finding where it is nobody.
    static func user(_ text: String, in root: ImageRoot) throws -> Result<RuntimeSpec.User, UnknownUser> {
        let lookup = try UserLookup(
            passwd: try root.contents("/etc/passwd", limit: accountsLimit),
            group: try root.contents("/etc/group", limit: accountsLimit)
        )
        do throws(RuntimeError) { return .success(try lookup.resolve(text)) } catch {
            return .failure(UnknownUser(finding: finding(text, error.description, in: root)))
        }
    }

    struct UnknownUser: Error {
        var finding: Finding
    }

    private static func finding(_ text: String, _ reason: String, in root: ImageRoot) -> Finding {
        let hasAccounts = (try? root.find("/etc/passwd")) != nil
        return Finding(
            .user,
            "USER \(text)",
            "names nobody: \(reason)",
            chain: hasAccounts ? [] : ["the image has no /etc/passwd"],
            cure: [
                "# a number needs no passwd file", "USER 65532:65532", "# or bring the files that know the name",
                "COPY --from=build /etc/passwd /etc/group /etc/",
            ],
            paths: ["/etc/passwd", "/etc/group"]
        )
    }
}
