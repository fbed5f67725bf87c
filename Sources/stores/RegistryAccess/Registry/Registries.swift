import LinuxSystem
package import OCISpec

/// The way to all registries: one for a process, so that connections, tokens and what was found out are shared.
package final class Registries: Sendable {
    private let transport: any HTTPTransport
    package let settings: RegistrySettings
    private let credentials: any CredentialSource
    private let retry: RetryPolicy
    private let connections = Guarded<[RegistryHost: RegistryConnection]>([:])

    package init(
        transport: any HTTPTransport,
        settings: RegistrySettings = RegistrySettings(),
        credentials: any CredentialSource = NoCredentials(),
        retry: RetryPolicy = RetryPolicy()
    ) {
        self.transport = transport
        self.settings = settings
        self.credentials = credentials
        self.retry = retry
    }

    /// The repository that a reference names, with the mirrors that have copies of it. Nobody is asked yet.
    package func repository(_ reference: ImageReference) throws(RegistryError) -> RemoteRepository {
        let rule = try admit(reference.repository, subject: reference.familiar)
        var mirrors: [RepositoryPlace] = []
        for mirror in rule?.mirrors ?? [] {
            let folder = mirror.folder.isEmpty ? "" : mirror.folder + "/"
            mirrors.append(RepositoryPlace(connection: try connection(to: mirror.host), path: folder + reference.path))
        }
        let home = RepositoryPlace(connection: try connection(to: reference.registry), path: reference.path)
        return RemoteRepository(reference: reference, home: home, mirrors: mirrors, retry: retry)
    }

    /// What the settings say of a repository or registry; throws where they block it.
    private func admit(_ name: String, subject: String) throws(RegistryError) -> RegistrySettings.Rule? {
        let rule = settings.rule(for: name)
        guard rule?.isBlocked != true else {
            throw RegistryError(.forbidden("the registry is blocked by the settings of this machine"), subject)
        }
        return rule
    }

    /// Asks a registry as a whole something.
    ///
    /// - Parameter name: what the settings know the registry by.
    func send(_ call: RegistryCall, to host: RegistryHost, known name: String) throws(RegistryError) -> HTTPResponse {
        _ = try admit(name, subject: call.subject)
        return try connection(to: host).send(call)
    }

    /// Asks whether a registry takes a credential: what `login` does. Throws if it doesn't.
    package func verify(_ credential: Credential, at host: RegistryHost) throws(RegistryError) {
        let connection = try RegistryConnection(
            host,
            settings: settings,
            credentials: OneCredential(credential: credential),
            transport: transport,
            retry: retry
        )
        let call = RegistryCall(place: .path("/v2/"), scope: .none, repository: host.name, subject: host.name)
        let response = try connection.send(call)
        guard response.status == 200 else { throw RegistryAnswer.failure(response, host.name) }
    }

    private struct OneCredential: CredentialSource {
        var credential: Credential
        func credential(for host: RegistryHost, repository: String) throws(RegistryError) -> Credential? { credential }
    }

    private func connection(to host: RegistryHost) throws(RegistryError) -> RegistryConnection {
        if let known = connections.update({ $0[host] }) { return known }
        let made = try RegistryConnection(
            host,
            settings: settings,
            credentials: credentials,
            transport: transport,
            retry: retry
        )
        return connections.update { known in
            if let other = known[host] { return other }
            known[host] = made
            return made
        }
    }
}

/// A repository at one registry.
struct RepositoryPlace: Sendable {
    var connection: RegistryConnection
    /// Within the registry.
    var path: String

    /// Domain and path.
    var name: String { "\(connection.host.name)/\(path)" }
}
