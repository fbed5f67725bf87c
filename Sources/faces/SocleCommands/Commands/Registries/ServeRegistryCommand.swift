import LinuxSystem
import RegistryServer
import RegistryService
import Reporting
import SocleEngine
import SystemPackage

/// `socle registry serve`.
struct ServeRegistryCommand: Command {
    static let usage = Usage("", 0...0, "Serve the images of the store as a registry")
    static var flags: [Flag<Self>] {
        Flag.value("htpasswd", \.passwords, as: "file", "Let in only those whom a file of htpasswd -B has")
        Flag.toggle("insecure", \.isInsecure, "Serve other machines without TLS and passwords")
        Flag.value(
            "listen",
            \.place,
            as: "address:port",
            "Where to listen (default \"127.0.0.1:5000\"); port 0 takes a free one"
        )
        Flag.toggle("read-only", \.isReadOnly, "Take nothing in and remove nothing")
        Flag.value(
            "tls-cert",
            \.certificate,
            as: "file",
            "Certificate of the server, with those that vouch for it (PEM)"
        )
        Flag.value("tls-key", \.key, as: "file", "Private key of the server (PEM)")
    }
    var operands: [String] = []
    var passwords: String?
    var isInsecure = false
    var place = ListenArgument(host: "127.0.0.1", port: 5000)
    var isReadOnly = false
    var certificate: String?
    var key: String?

    func run(in session: Session) throws -> ExitCode {
        let settings = try settings(session)
        let registry = try session.engine().registry(isReadOnly: isReadOnly)
        let server = try Blocking.wait { try await RegistryHTTPServer(registry, settings) }
        let interruption = try Interruption { server.stop() }
        session.output.print("Listening on \(server.address)")
        try Blocking.wait { try await server.run() }
        _ = interruption.end()
        return .success
    }

    private func settings(_ session: Session) throws -> RegistryHTTPSettings {
        guard (certificate == nil) == (key == nil) else {
            throw ArgumentError("--tls-cert and --tls-key are wanted together")
        }
        guard place.isLoopback || isInsecure || certificate != nil && passwords != nil else {
            throw PlainFailure(
                .invalidArgument,
                "refusing to serve other machines on \(place.host) without TLS and passwords",
                hint:
                    "give --tls-cert, --tls-key and --htpasswd, or --insecure if everybody there may read and write the store"
            )
        }
        var settings = RegistryHTTPSettings()
        settings.host = place.host
        settings.port = place.port
        if let certificate, let key {
            settings.certificates = try ServerCertificate(certificates: FilePath(certificate), key: FilePath(key))
        }
        if let passwords { settings.authorization = BasicAuthorization(try PasswordFile(FilePath(passwords))) }
        if session.isDebug { settings.log = { [output = session.output] in output.complain($0) } }
        return settings
    }
}
