import SocleTesting
import SystemPackage
import Testing

/// Docker's page "Base images", on socle.
@Suite struct BaseImagesPageTests {
    @Test(.requires(.all(.root, .overlay, .tool("gcc"))))
    func aStaticProgramOnScratch() throws {
        let socle = try Socle()
        try socle.write([
            "hello.c": "#include <unistd.h>\nint main(void) { return write(1, \"Hello\\n\", 6) < 0; }\n",
            "Dockerfile": "# syntax=docker/dockerfile:1\nFROM scratch\nADD hello /\nCMD [\"/hello\"]\n",
        ])
        try Command.output(of: "gcc", ["-static", "-Os", "-o", "hello", "hello.c"], directory: socle.work)
        let built = try socle.run(["build", "--tag", "hello", "."])
        #expect(built.status == 0, "\(built.errorText)")
        let ran = try socle.run(["run", "--rm", "hello"])
        #expect(ran.summary == "status 0\nHello\n")
        #expect(try socle.output("ps", "-aq") == "")
        #expect(try socle.output("images", "--format", "{{.Repository}}:{{.Tag}}") == "hello:latest")
    }

    @Test(.requires(.all(.root, .overlay, Fixture.busybox)))
    func aRootFileSystemAsAnImage() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        let id = try socle.output("import", "-", "base", input: Command.output(of: "cat", [tar.string]))
        #expect(id.hasPrefix("sha256:") && id.utf8.count == 71)
        #expect(try socle.output("run", "--rm", "base", "cat", "/etc/group").hasPrefix("root:x:0:"))
        #expect(try socle.output("images", "-q", "--no-trunc") == id)
        // The layer is the tar as it was given.
        let digest = try Command.output(of: "sha256sum", [tar.string])
        let expected = "sha256:" + String(decoding: digest.prefix(64), as: UTF8.self)
        #expect(try socle.output("inspect", "--format", "{{index .RootFS.Layers 0}}", "base") == expected)
    }

    @Test func scratchIsReserved() throws {
        let socle = try Socle()
        let folder = ["Dockerfile": "FROM scratch\nLABEL a=b\n"] as FileTree
        try socle.write(folder)
        try socle.output("build", "-q", "-t", "some", ".")
        try Command.output(of: "tar", ["-cf", "root.tar", "Dockerfile"], directory: socle.work)
        let refused: [([String], Int32)] = [
            (["pull", "scratch"], 1), (["pull", "docker.io/library/scratch:1"], 1), (["run", "scratch"], 125),
            (["tag", "some", "scratch"], 1), (["tag", "some", "scratch:1"], 1), (["build", "-t", "scratch", "."], 125),
            (["import", "root.tar", "scratch"], 1), (["import", "root.tar", "scratch:2"], 1),
        ]
        for (arguments, status) in refused {
            let result = try socle.run(arguments)
            #expect(result.status == status, "\(arguments)")
            #expect(result.errorText.contains("'scratch' is a reserved name"), "\(arguments): \(result.errorText)")
            #expect(result.text == "")
        }
        // Somebody's own repository of that name is another one.
        try socle.output("tag", "some", "somebody/scratch")
        #expect(
            try socle.output("images", "--format", "{{.Repository}}").split(separator: "\n").sorted() == [
                "some", "somebody/scratch",
            ]
        )
    }
}
