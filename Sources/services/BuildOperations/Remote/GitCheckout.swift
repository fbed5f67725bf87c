import BuildDefinition
import LinuxSystem
import Reporting
import SystemPackage

/// Makes the files of a commit out of the store's bare repository, the same ones whenever and by whomever it is done.
struct GitCheckout {
    let git: GitProgram
    let repository: FilePath
    let operation: GitOperation
    let reference: GitReference
    /// The commit or tag as the bare repository has it.
    let object: String

    /// Fills an empty directory; the index lies beside it.
    func make(in directory: FilePath) throws {
        if operation.keepsGitDirectory {
            try makeRepository(in: directory)
            if operation.hasSubmodules { try updateSubmodules(in: directory) }
            try forgetTimes(in: directory)
            return
        }
        let index = ["GIT_INDEX_FILE=\(directory.parent.appending("index"))"]
        let places = ["--git-dir", repository.string, "--work-tree", directory.string]
        try git.run(places + ["read-tree", "--reset", "-u", reference.commit], for: "check out", variables: index)
        guard operation.hasSubmodules, try Directory.open(directory).status(".gitmodules") != nil else { return }
        try makeRepository(in: directory)
        try updateSubmodules(in: directory)
        try GitFiles.removeGitDirectories(in: try Directory.open(directory))
    }

    /// When the commit was made, in seconds since 1970.
    func commitTime() throws -> Int64 {
        let words = ["--git-dir", repository.string, "show", "-s", "--format=%ct", reference.commit]
        let text = try git.run(words, for: "read").split(separator: "\n").first ?? ""
        return Int64(text) ?? 0
    }

    /// A repository of its own, with the commit checked out and the remote as its origin.
    private func makeRepository(in directory: FilePath) throws {
        let format = reference.commit.utf8.count == 64 ? "sha256" : "sha1"
        let place = ["-C", directory.string]
        try git.run(["init", "-q", "--template=", "--object-format=\(format)", directory.string], for: "check out")
        let name = reference.name.flatMap { $0 == "HEAD" ? nil : $0 } ?? "refs/socle/commit"
        let fetch = ["fetch", "-q", "-u", "--depth=1", "--no-tags", "--no-write-fetch-head", "--"]
        // By the file protocol, which looks at nothing that isn't in the repository.
        try git.run(
            place + fetch + ["file://\(repository)", "\(GitFetch.kept(object)):\(name)"],
            for: "check out",
            protocols: .file
        )
        try git.run(place + ["checkout", "-q", "-f", "--detach", reference.commit], for: "check out")
        try git.run(place + ["remote", "add", "origin", git.remote.address], for: "check out")
        if reference.name == nil || reference.name == "HEAD" {
            try git.run(place + ["update-ref", "-d", name], for: "check out")
        }
    }

    /// Fetches the repositories that the tree names, and theirs.
    private func updateSubmodules(in directory: FilePath) throws {
        guard try Directory.open(directory).status(".gitmodules") != nil else { return }
        let words = ["-C", directory.string, "submodule", "-q", "update", "--init", "--recursive"]
        do {
            try git.run(words + ["--depth=1"], for: "update submodules of", protocols: .net)
        } catch is GitProgram.Refusal {
            // Not every server gives single commits, and not every protocol knows shallow fetches.
            try git.run(words, for: "update submodules of", protocols: .net)
        }
    }

    /// Takes out of the kept `.git` what says when and where it was made.
    private func forgetTimes(in directory: FilePath) throws {
        let place = ["-C", directory.string]
        let packing = ["-c", "pack.threads=1", "-c", "pack.window=0", "-c", "repack.writeBitmaps=false"]
        let script = "git read-tree HEAD && git \(packing.joined(separator: " ")) repack -q -a -d -F"
        try git.run(place + ["read-tree", "HEAD"], for: "check out")
        try git.run(place + packing + ["repack", "-q", "-a", "-d", "-F"], for: "check out")
        if operation.hasSubmodules {
            try git.run(place + ["submodule", "-q", "foreach", "--recursive", script], for: "check out")
        }
        try GitFiles.removeTraces(in: try Directory.open(directory))
    }
}
