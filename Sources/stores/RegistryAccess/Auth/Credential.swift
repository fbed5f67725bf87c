
/// How somebody proves who they are.
package enum Credential: Sendable, Hashable {
    case password(user: String, secret: String)
    /// A token that is exchanged for others: what `login` was given instead of a password.
    case identityToken(String)
    /// A token that is sent as it is.
    case registryToken(String)
}

/// Where credentials are kept.
package protocol CredentialSource: Sendable {
    /// What there is for a repository (`docker.io/library/debian`), the most specific entry; nil for none.
    func credential(for host: RegistryHost, repository: String) throws(RegistryError) -> Credential?
}

/// Nobody is known.
package struct NoCredentials: CredentialSource {
    package init() {}
    package func credential(for host: RegistryHost, repository: String) throws(RegistryError) -> Credential? { nil }
}
