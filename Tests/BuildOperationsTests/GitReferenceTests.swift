import Testing

@testable import BuildOperations

/// What `ls-remote` lists, and what an address says about who may see it.
@Suite struct GitReferenceTests {
    private static let hashes = (0..<6).map { String(repeating: String($0), count: 40) }
    private static let listing = """
        \(hashes[0])\tHEAD
        \(hashes[1])\trefs/heads/main
        \(hashes[2])\trefs/heads/v1
        \(hashes[3])\trefs/tags/v1
        \(hashes[4])\trefs/tags/v1^{}
        \(hashes[5])\trefs/heads/feature/main
        not a hash\trefs/heads/odd

        """

    @Test func namesAreFoundInBuildKitsOrder() throws {
        func commit(_ name: String?) -> String? { GitReference(name, in: Self.listing)?.commit }
        #expect(commit(nil) == Self.hashes[0])
        #expect(commit("main") == Self.hashes[1])
        #expect(commit("v1") == Self.hashes[2])
        #expect(commit("refs/tags/v1") == Self.hashes[4])
        #expect(commit("tags/v1") == Self.hashes[4])
        #expect(commit("feature/main") == Self.hashes[5])
        #expect(commit("odd") == nil)
        #expect(commit("ain") == nil)
        #expect(GitReference(nil, in: "") == nil)
    }

    @Test func aTagMatchesByBothOfItsHashes() throws {
        let tag = try #require(GitReference("refs/tags/v1", in: Self.listing))
        #expect(tag.matches("4444444") && tag.matches("33333333") && !tag.matches("2222222"))
        #expect(tag.object == Self.hashes[3])
    }

    @Test func hashesAreWhole() {
        #expect(GitReference.isHash(Self.hashes[1]))
        #expect(GitReference.isHash(String(repeating: "a", count: 64)))
        #expect(!GitReference.isHash(String(repeating: "A", count: 40)))
        #expect(!GitReference.isHash("1234567"))
    }

    @Test func credentialsLeaveTheAddress() {
        let remote = GitRemote("https://me:p%40ss@host:8443/a/b.git")
        #expect(remote.address == "https://host:8443/a/b.git")
        #expect(remote.settings.count == 1)
        #expect(remote.settings.first?.name == "http.https://host:8443/.extraHeader")
        #expect(remote.settings.first?.value == "Authorization: Basic bWU6cEBzcw==")
        #expect(GitRemote("https://token@host/x.git").settings.first?.value == "Authorization: Basic dG9rZW46")
        #expect(GitRemote("git@host:a/b").address == "git@host:a/b")
        #expect(GitRemote("ssh://git@host/b").address == "ssh://git@host/b")
        #expect(GitRemote("https://host/b.git").settings.isEmpty)
        #expect(GitRemote("https://me:x@host/b.git").folder == GitRemote("https://host/b.git").folder)
    }
}
