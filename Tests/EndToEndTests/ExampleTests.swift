import SocleTesting
import SystemPackage
import Testing

/// The projects in `examples/`, which print what they should and have the same digests when they are built twice.
@Suite(.requires(.all(.root, .overlay)), .serialized)
struct ExampleTests {
    @Test(.requires(.all(.tool("gcc"), .tool("swiftc"), .tool("clang"), .tool("ld.lld"), Examples.debianRoot)))
    func examplesBuiltTwice() throws {
        try Examples.run("reproduce", "offline")
    }

    @Test(.requires(.all(Examples.network, Examples.debianRoot)))
    func examplesThatNeedPackageRegistries() throws {
        try Examples.run("examples", "online")
    }
}

/// The scripts that build the examples.
private enum Examples {
    static let network = Requirement(
        isMet: (try? script("has-network").status) == 0,
        reason: "needs the network: Debian's mirror"
    )
    /// Another folder that was made before, or the means to make it.
    static let debianRoot = Requirement(
        isMet: hasDebianRoot || network.isMet && Requirement.tool("debootstrap").isMet,
        reason: "needs a Debian root: debootstrap and the network"
    )

    private static let top: FilePath = {
        var path = FilePath(#filePath)
        for _ in 0..<3 { path.removeLastComponent() }
        return path
    }()

    private static var hasDebianRoot: Bool {
        (try? Command.run("test", ["-e", top.appending("build/demo/bookworm.done").string]).status) == 0
    }

    private static func script(
        _ name: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> Command {
        let path = Environment.value("PATH") ?? "/usr/bin:/bin"
        let inherited = ["SSL_CERT_FILE", "SOCLE_DEBIAN_ROOT"].compactMap { name in
            Environment.value(name).map { (name, $0) }
        }
        let variables = ["PATH": path, "HOME": "/root", "SOCLE_BINARY": Socle.binary]
            .merging(inherited) { $1 }.merging(environment) { $1 }
        return try Command.run(top.appending("scripts").appending(name).string, arguments, environment: variables)
    }

    /// Runs a script on a kind of examples, each of which has to build and print what it should, and leave nothing.
    static func run(_ name: String, _ kind: String) throws {
        let root = try TemporaryRoot()
        let expected = try script("examples", ["--list", kind]).succeeding().split(separator: "\n")
        let result = try script(name, [kind], environment: ["SOCLE_EXAMPLES": root.path.string])
        #expect(result.status == 0, "\(result.text)\(result.errorText)")
        let fine = Set(result.text.split(separator: "\n").filter { $0.hasPrefix("ok ") || $0.hasPrefix("left out ") })
        for example in expected {
            #expect(
                fine.contains { $0.contains(" \(example) ") || $0.contains(" \(example):") },
                "\(example): \(result.text)"
            )
        }
        #expect(try Leftovers.text(of: root("store")) == "")
    }
}
