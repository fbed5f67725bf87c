import LinuxSystem
import Reporting
import SystemPackage

/// Brings one commit of a remote into the store's bare repository of it.
struct GitFetch {
    let git: GitProgram
    /// The bare repository; made where it is missing.
    let repository: FilePath

    /// The name under which a commit or tag stays in the repository.
    static func kept(_ object: String) -> String { "refs/socle/\(object)" }

    /// What a name stands for at the remote.
    func resolve(_ wanted: String?) throws -> GitReference {
        let patterns = wanted.map { [$0, "\($0)^{}"] } ?? ["HEAD"]
        let address = git.remote.address
        let listing = try git.run(["ls-remote", "--", address] + patterns, for: "fetch remote", protocols: .net)
        if let reference = GitReference(wanted, in: listing) { return reference }
        throw PlainFailure(.notFound, "repository \(address) does not contain ref \(wanted ?? "HEAD")")
    }

    /// Whether a commit or tag is in the repository, with all that it needs.
    func contains(_ object: String) -> Bool {
        // A repository that isn't there, or is broken, has nothing.
        (try? git.run(["--git-dir", repository.string, "rev-parse", "--verify", "-q", Self.kept(object)], for: "read"))
            != nil
    }

    /// Fetches what isn't there yet: the commit alone where the server gives single commits, else what leads to it.
    func fetch(_ reference: GitReference, wholeTag: Bool) throws -> String {
        let object = wholeTag ? reference.object : reference.commit
        if contains(object) { return object }
        try prepare(hash: object)
        let refusal: GitProgram.Refusal
        do {
            try fetch("\(object):\(Self.kept(object))", depth: true)
            return object
        } catch let failure as GitProgram.Refusal { refusal = failure }
        for (specification, depth) in fallbacks(reference) {
            do { try fetch(specification, depth: depth) } catch is GitProgram.Refusal { continue }
            if (try? inRepository(["cat-file", "-e", "\(object)^{}"])) != nil {
                try inRepository(["update-ref", Self.kept(object), object])
                return object
            }
        }
        if refusal.words.contains("not our ref") || refusal.words.contains("no such remote ref") {
            throw PlainFailure(
                .notFound,
                "repository \(git.remote.address) does not contain \(reference.name ?? object)"
            )
        }
        throw refusal
    }

    /// What is asked for where a server doesn't give a commit by its hash, or knows no shallow fetches.
    private func fallbacks(_ reference: GitReference) -> [(String, Bool)] {
        guard let name = reference.name, name != "HEAD" else {
            return [("+refs/heads/*:refs/remotes/origin/*", false), ("+refs/*:refs/remotes/all/*", false)]
        }
        return [(name, true), (name, false)].map { ("+\($0.0):refs/remotes/wanted/\($0.0.dropFirst(5))", $0.1) }
    }

    private func fetch(_ specification: String, depth: Bool) throws {
        let options = ["fetch", "-q", "--no-tags", "--force", "--no-write-fetch-head"] + (depth ? ["--depth=1"] : [])
        let words = options + ["--", git.remote.address, specification]
        try inRepository(words, protocols: .net)
    }

    /// Makes the repository, and removes what a fetch that was killed left in the way.
    private func prepare(hash: String) throws {
        let format = hash.utf8.count == 64 ? "sha256" : "sha1"
        let words = ["init", "-q", "--bare", "--template=", "--object-format=\(format)", repository.string]
        try git.run(words, for: "make a repository for")
        for name in ["shallow.lock", "packed-refs.lock", "config.lock"] {
            // Nobody else works here; mostly there is none.
            try? Directory.open(repository).remove(PathBytes(name))
        }
    }

    @discardableResult
    private func inRepository(_ words: [String], protocols: GitProgram.Protocols = .none) throws -> String {
        try git.run(["--git-dir", repository.string] + words, for: "fetch remote", protocols: protocols)
    }
}
