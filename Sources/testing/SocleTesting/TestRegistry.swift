import SystemPackage

/// Debian's `docker-registry` on the loopback, with its storage in a test's folder; it ends with this value.
package final class TestRegistry {
    /// `127.0.0.1:PORT`.
    package let host: String
    private let process: String

    /// What a test of it needs.
    package static let isThere = Requirement.all(.tool("docker-registry"), .tool("curl"), .tool("python3"))
    /// The one who may come in, where a password is wanted.
    package static let user = (name: "tester", password: "secret")
    /// The same for the registry, digested by bcrypt.
    private static let passwords = "tester:$2y$05$HKtl0pAwjHn57hIyC2Cc2ubdcoSGANoH63A2fNsW.RX3zy0k5Lyfu\n"

    /// Starts it and waits until it answers.
    package init(for socle: borrowing Socle, wantsPassword: Bool = false, name: String = "registry") throws {
        let free = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1], end='')"
        let host = "127.0.0.1:" + (try socle.python(free).succeeding())
        let folder = socle.work.appending(name)
        let auth = #""auth": {"htpasswd": {"realm": "test", "path": "\#(folder)/passwords"}},"#
        let config = """
            {"version": "0.1", "log": {"level": "error", "accesslog": {"disabled": true}}, "http": {"addr": "\(host)"},
             \(wantsPassword ? auth : "")
             "storage": {"delete": {"enabled": true}, "filesystem": {"rootdirectory": "\(folder)/data"}}}
            """
        try socle.write([
            name: ["config.yml": .file(Array(config.utf8)), "passwords": .file(Array(Self.passwords.utf8))]
        ])
        let start = """
            docker-registry serve \(name)/config.yml >\(name)/log 2>&1 & echo $!
            for _ in $(seq 100); do curl -s -o /dev/null http://\(host)/v2/ && exit 0; sleep 0.05; done
            exit 1
            """
        process = try socle.shell(start).succeeding()
        self.host = host
    }

    deinit { _ = try? Command.run("kill", [process]) }
}
