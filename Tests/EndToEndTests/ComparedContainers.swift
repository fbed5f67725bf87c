import SocleTesting
import SystemPackage
import Testing

/// An image that socle and Docker both have: suites that have both do the same with it build on this.
class ComparedContainers {
    let image: String
    let socle: Socle

    init(_ image: String) throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work, marked: image).string
        try socle.output("import", tar, image)
        if Docker.isThere.isMet { try Docker.output("import", tar, image) }
        self.image = image
        self.socle = socle
    }

    deinit {
        _ = try? socle.shell("socle rm -f $(socle ps -aq)")
        guard Docker.isThere.isMet else { return }
        if let left = try? Docker.output("ps", "-aq", "--filter", "ancestor=\(image)"), !left.isEmpty {
            _ = try? Docker.run(["rm", "-f"] + left.split(separator: "\n").map(String.init))
        }
        _ = try? Docker.run(["rmi", "-f", image])
    }

    /// What a script says with `d` as the engine, `$D` being the same without its status, the image in `I`, without what
    /// differs from run to run.
    private func say(_ script: String, with engine: String, _ runtime: TestedRuntime = .socle) throws -> String {
        let name = runtime == .socle ? engine : "engine"
        let begin = """
            engine() { case $1 in run|create) verb=$1; shift; \(engine) $verb --runtime \(runtime.name) "$@";; *) \(engine) "$@";; esac; }
            d() { \(name) "$@"; echo "= $?"; }
            D=\(name)
            I=\(image)

            """
        // Now and then Docker's client says besides that it gave up waiting for what didn't start.
        let text = begin + "{\n\(script)\n} 2>&1 "
            + "| sed -E 's/[0-9a-f]{64}/ID/g; s/Error response from daemon: /Error: /; s/[0-9-]+T[0-9:.]+Z/TIME/g; "
            + "s/^(socle|docker): (Error: )?/Error: /; /^See .(socle|docker) /d; /error waiting for container: context canceled/d; /^hint: /d; s/^(Error: .*)\\.$/\\1/'"
        return try socle.shell(text, environment: ["DOCKER_HOST": Environment.value("DOCKER_HOST") ?? ""]).text
    }

    func expectTheSame(
        _ script: String,
        by runtime: TestedRuntime = .socle,
        location: SourceLocation = #_sourceLocation
    ) throws {
        try runtime.require()
        try runtime.writeScript(in: socle)
        let ours = try say(script, with: "socle", runtime)
        let theirs = try say(script, with: "docker")
        #expect(ours == theirs, "socle:\n\(ours)\ndocker:\n\(theirs)", sourceLocation: location)
        try socle.expectNothingLeft()
    }
}

/// What runs socle's containers in a test; Docker's are always runc's.
enum TestedRuntime: String, CaseIterable {
    case socle, runc, crun

    /// Skips the test where the machine doesn't have it.
    func require() throws {
        let requirement = self == .socle ? Requirement.root : .tool(rawValue)
        if !requirement.isMet { try Test.cancel(Comment(rawValue: requirement.reason)) }
    }

    /// What `--runtime` is given, by a shell in the test's folder.
    var name: String { self == .socle ? "socle" : "$PWD/\(rawValue)" }

    /// A runtime of this name in the test's folder. crun refuses machines with both versions of control groups, unless it
    /// doesn't see the second.
    func writeScript(in socle: borrowing Socle) throws {
        if self == .socle { return }
        try socle.shell("""
            cat > \(rawValue) <<'END'
            #!/bin/sh
            exec unshare -m --propagation private sh -c 'umount /sys/fs/cgroup/unified 2>/dev/null; exec \(rawValue) "$@"' sh "$@"
            END
            chmod +x \(rawValue)
            """).succeeding()
    }
}
