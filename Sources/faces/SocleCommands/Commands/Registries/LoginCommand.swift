import LinuxSystem
import OCISpec
import RegistryAccess
import Reporting
import SocleEngine

/// `socle login`.
struct LoginCommand: Command {
    static let usage = Usage("[SERVER]", 0...1, "Log in to a registry")
    static var flags: [Flag<Self>] {
        Flag.value("password", short: "p", \.password, "Password")
        Flag.toggle("password-stdin", \.readsPassword, "Take the password from stdin")
        Flag.value("username", short: "u", \.user, "Username")
    }
    static var entersUserSpace: Bool { false }
    var operands: [String] = []
    var password: String?
    var readsPassword = false
    var user: String?

    func run(in session: Session) throws -> ExitCode {
        let host = try RegistryServer.host(operands.first)
        let store = session.credentials()
        let registries = try session.registries()
        if user == nil, password == nil, !readsPassword,
            let known = try store.credential(for: host, repository: host.name)
        {
            session.output.print("Authenticating with existing credentials...")
            do {
                try registries.verify(known, at: host)
                return try finish(known, host, store, session)
            } catch where Terminal.isTerminal(0) {
                session.output.complain("Login did not succeed, error: \(error)")
            }
        }
        let credential = try ask(host, session)
        try registries.verify(credential, at: host)
        return try finish(credential, host, store, session)
    }

    private func finish(
        _ credential: Credential,
        _ host: RegistryHost,
        _ store: CredentialStore,
        _ session: Session
    ) throws -> ExitCode {
        if try !store.store(credential, for: host) {
            session.output.complain(
                """
                WARNING! Your password will be stored unencrypted in \(store.path).
                Configure a credential helper to remove this warning ("credsStore" or "credHelpers" in that file).

                """
            )
        }
        session.output.print("Login Succeeded")
        return .success
    }

    /// The name and the password: from the flags, from standard input, or from whoever sits at the terminal.
    private func ask(_ host: RegistryHost, _ session: Session) throws -> Credential {
        if readsPassword {
            guard password == nil else { throw ArgumentError("--password and --password-stdin are mutually exclusive") }
            guard let user, !user.isEmpty else { throw ArgumentError("Must provide --username with --password-stdin") }
            let bytes = try DescriptorIO.readAll(0, limit: 1 << 20)
            var secret = String(decoding: bytes, as: UTF8.self)
            while secret.hasSuffix("\n") || secret.hasSuffix("\r\n") || secret.hasSuffix("\r") { secret.removeLast() }
            return .password(user: user, secret: secret)
        }
        if password != nil {
            session.output.complain("WARNING! Using --password via the CLI is insecure. Use --password-stdin.")
        }
        if let user, let password { return .password(user: user, secret: password) }
        guard Terminal.isTerminal(0) else {
            throw PlainFailure(.invalidArgument, "Cannot perform an interactive login from a non TTY device")
        }
        var name = user ?? ""
        if name.isEmpty {
            session.output.write("Username: ")
            name = readLine() ?? ""
        }
        guard !name.isEmpty else { throw PlainFailure(.invalidArgument, "username is empty") }
        var secret = password ?? ""
        if secret.isEmpty {
            session.output.write("Password: ")
            secret = Terminal.readSecretLine() ?? ""
            session.output.write("\n")
        }
        guard !secret.isEmpty else { throw PlainFailure(.invalidArgument, "password is empty") }
        return .password(user: name, secret: secret)
    }
}

/// `socle logout`.
struct LogoutCommand: Command {
    static let usage = Usage("[SERVER]", 0...1, "Log out from a registry")
    static var entersUserSpace: Bool { false }
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        let host = try RegistryServer.host(operands.first)
        let shown = host == .dockerHub ? host.credentialKey : host.name
        if try session.credentials().erase(host) {
            session.output.print("Removing login credentials for \(shown)")
        } else {
            session.output.print("Not logged in to \(shown)")
        }
        return .success
    }
}

/// A registry as `login` and `logout` are told of it.
enum RegistryServer {
    /// A host and port, with or without a scheme and a path; Docker Hub without any.
    static func host(_ text: String?) throws -> RegistryHost {
        guard var name = text.map({ $0[...] }), !name.isEmpty else { return .dockerHub }
        if let scheme = name.firstRange(of: "://") { name = name[scheme.upperBound...] }
        name = name.prefix { $0 != "/" }
        if ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(name) { return .dockerHub }
        guard (try? ImageReference("\(name)/x"))?.domain == String(name) else {
            throw ArgumentError("\(GoText.quoted(text ?? "")) is no name of a registry")
        }
        return RegistryHost(String(name))
    }
}
