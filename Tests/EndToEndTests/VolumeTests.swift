import SocleTesting
import SystemPackage
import Testing

/// `volume` next to Docker's.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct VolumeTests {
    @Test(.requires(Docker.isThere)) func asDockerDoesIt() throws {
        let socle = try Socle()
        let (one, two) = ("socle-test-volume-one", "socle-test-volume-two")
        _ = try? Docker.run(["volume", "rm", "-f", one, two])
        defer { _ = try? Docker.run(["volume", "rm", "-f", one, two]) }
        for arguments in [
            ["create", "--label", "a=b", "--label", "c", one], ["create", one], ["create", two], ["create", "not/good"],
            ["ls", "-q", "--filter", "name=socle-test-volume"], ["ls", "--filter", "name=socle-test-volume"],
            ["ls", "-q", "--filter", "label=a=b"], ["ls", "-q", "--filter", "name=two", "--format", "{{.Driver}} {{.Name}} {{.Labels}}"],
            ["ls", "--filter", "nothing=x"], ["inspect", "-f", "{{.Name}} {{.Driver}} {{.Scope}} {{json .Labels}}", one],
            ["inspect", "socle-test-volume-none"], ["rm", two, "socle-test-volume-none"], ["rm", "-f", "socle-test-volume-none"],
            ["ls", "-q", "--filter", "name=socle-test-volume"], ["rm", one],
        ] {
            let (ours, theirs) = (try socle.run(["volume"] + arguments), try Docker.run(["volume"] + arguments))
            #expect(ours.status == theirs.status, "\(arguments): \(ours.errorText)")
            #expect(ours.text == theirs.text, "\(arguments)")
            #expect(ours.errorText.isEmpty == theirs.errorText.isEmpty, "\(arguments): \(ours.errorText) \(theirs.errorText)")
        }
    }

    /// A volume that was half-made when the machine went down is listed with the others and can be removed; what it was to be
    /// isn't guessed.
    @Test(arguments: ["", "{", "[]"]) func halfOfAVolume(_ content: String) throws {
        let socle = try Socle.withBase()
        let text = try socle.shell("""
            socle volume create half -o type=tmpfs -o device=tmpfs; socle volume create whole
            printf '%s' '\(content)' > $SOCLE_ROOT/volumes/half/volume.json
            socle volume ls -q; socle volume inspect half 2>&1 | grep -o 'volume half: volume.json: invalid JSON'
            socle run --rm -v half:/data base true 2>&1 | grep -o 'volume half: volume.json: invalid JSON'
            socle run --rm -v whole:/data base true; socle volume rm half whole
            """)
        let complaint = "volume half: volume.json: invalid JSON\n"
        #expect(text.summary == "status 0\nhalf\nwhole\nhalf\nwhole\n\(complaint)\(complaint)half\nwhole\n")
        try socle.expectNothingLeft()
    }

    /// Steps of builds have no volumes: nobody waits for their end.
    @Test func volumesGoWhileABuildRuns() throws {
        let socle = try Socle.withBase()
        let said = try socle.shell("""
            printf 'FROM base\\nRUN sleep 1000\\n' >Dockerfile; socle volume create free; socle volume create other -o type=tmpfs -o device=tmpfs
            "$SOCLE" build --network none -q . >/dev/null 2>&1 & eventually 1 'ls $SOCLE_ROOT/containers/active 2>/dev/null | wc -l'
            timeout 5 "$SOCLE" volume rm free; timeout 5 "$SOCLE" volume prune -af | head -2; kill %1; wait %1; echo $?
            """)
        #expect(said.summary == "status 0\nfree\nother\n1\nfree\nDeleted Volumes:\nother\n143\n")
        try socle.expectNothingLeft()
    }

    @Test func whatContainersHaveStays() throws {
        let socle = try Socle.withBase()
        try socle.output("volume", "create", "kept")
        try socle.output("volume", "create", "free")
        try socle.output("run", "--name", "user", "--network", "none", "-v", "kept:/data", "-v", "/other", "base", "sh", "-c", "echo x > /data/file")
        let refused = try socle.run(["volume", "rm", "kept"])
        #expect(refused.status == 1)
        #expect(refused.errorText.contains("volume is in use - ["), "\(refused.errorText)")
        #expect(try socle.output("volume", "ls", "-q", "-f", "dangling=true") == "free")
        let used = try socle.output("volume", "ls", "-q", "-f", "dangling=false").split(separator: "\n").map(String.init)
        let anonymous = try #require(used.first { $0.count == 64 })
        // Without a container the anonymous one goes; a name is somebody's, until all are meant.
        try socle.output("rm", "user")
        let pruned = try socle.output("volume", "prune", "-f")
        #expect(pruned == "Deleted Volumes:\n\(anonymous)\n\nTotal reclaimed space: 0B", "\(pruned)")
        #expect(try socle.output("volume", "ls", "-q") == "free\nkept")
        #expect(try socle.output("run", "--rm", "--network", "none", "-v", "kept:/data", "base", "cat", "/data/file") == "x")
        #expect(try socle.output("volume", "prune", "-af").contains("Total reclaimed space: 2B"))
        #expect(try socle.output("volume", "ls", "-q") == "")
        #expect(try socle.run(["volume", "create", "--driver", "nfs", "x"]).status != 0)
    }
}
