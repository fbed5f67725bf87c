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

    /// How a registry shows who it is, and whom it asks: names of files in the test's folder.
    package struct Security {
        package var certificate: String
        package var key: String
        /// Who signs those who may come; nil for everybody.
        package var clients: String?

        package init(certificate: String, key: String, clients: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.clients = clients
        }
    }

    /// Starts it and waits until it answers.
    ///
    /// - Parameter origin: the registry whose images it fetches and keeps, `127.0.0.1:PORT`, for a pull-through mirror.
    package init(
        for socle: borrowing Socle,
        wantsPassword: Bool = false,
        security: Security? = nil,
        mirroring origin: String? = nil,
        name: String = "registry"
    ) throws {
        let free = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1], end='')"
        let host = "127.0.0.1:" + (try socle.python(free).succeeding())
        let folder = socle.work.appending(name)
        let auth = #""auth": {"htpasswd": {"realm": "test", "path": "\#(folder)/passwords"}},"#
        let work = socle.work
        let tls = security.map { security in
            let clients = security.clients.map { #", "clientcas": ["\#(work)/\#($0)"]"# } ?? ""
            return #", "tls": {"certificate": "\#(work)/\#(security.certificate)", "key": "\#(work)/\#(security.key)"\#(clients)}"#
        }
        let proxy = origin.map { #""proxy": {"remoteurl": "http://\#($0)"},"# } ?? ""
        let config = """
            {"version": "0.1", "log": {"level": "error", "accesslog": {"disabled": true}}, "http": {"addr": "\(host)"\(tls ?? "")},
             \(wantsPassword ? auth : "") \(proxy)
             "storage": {"delete": {"enabled": true}, "filesystem": {"rootdirectory": "\(folder)/data"}}}
            """
        try socle.write([
            name: ["config.yml": .file(Array(config.utf8)), "passwords": .file(Array(Self.passwords.utf8))]
        ])
        let start = """
            docker-registry serve \(name)/config.yml >\(name)/log 2>&1 & echo $!
            for _ in $(seq 100); do (exec 3<>/dev/tcp/\(host.split(separator: ":").joined(separator: "/"))) 2>/dev/null && exit 0; sleep 0.05; done
            exit 1
            """
        process = try socle.shell(start).succeeding()
        self.host = host
    }

    deinit { _ = try? Command.run("kill", [process]) }
}
