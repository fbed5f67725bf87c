
/// How registries are reached, as the machine's owner wants it.
package struct RegistrySettings: Sendable, Hashable {
    /// What is said of one registry, or of a part of it.
    package struct Rule: Sendable, Hashable {
        /// `docker.io`, `registry.example.com:5000`, `docker.io/library`; a host beginning with `*.` stands for all hosts below.
        package var prefix: String
        /// Nothing is fetched from there nor sent there.
        package var isBlocked = false
        /// It may be asked without TLS or with a certificate that nobody vouches for.
        package var isInsecure = false
        /// Registries that are asked before it when something is read: `mirror.example.com`, `mirror.example.com/hub`.
        package var mirrors: [Mirror] = []

        package init(prefix: String) { self.prefix = prefix }

        /// Whether it is about a repository (`docker.io/library/debian`).
        func matches(_ repository: String) -> Bool {
            if prefix.hasPrefix("*.") {
                let host = repository.prefix { $0 != "/" }
                return host.hasSuffix(prefix.dropFirst())
            }
            return repository == prefix || repository.hasPrefix(prefix + "/")
        }
    }

    /// A place that has copies of what a registry has.
    package struct Mirror: Sendable, Hashable {
        package var host: RegistryHost
        /// What comes before the repository's path there; empty for none.
        package var folder: String
        package var isInsecure = false

        package init(host: RegistryHost, folder: String = "") {
            self.host = host
            self.folder = folder
        }
    }

    package var rules: [Rule] = []
    /// Folders with certificates: `<folder>/<host:port>/*.crt`, `*.cert`, `*.key`.
    package var certificateFolders: [String] = []

    package init() {}

    /// The rule with the longest prefix that is about a repository.
    func rule(for repository: String) -> Rule? {
        rules.filter { $0.matches(repository) }.max { $0.prefix.utf8.count < $1.prefix.utf8.count }
    }

    /// Whether a host may be asked without TLS: where a rule says so, and on this machine itself.
    func mayUseHTTP(_ host: RegistryHost) -> Bool { host.isLoopback || isInsecure(host) }

    /// Lets a registry be reached without TLS, or with a certificate that nobody vouches for.
    package mutating func allowInsecure(_ host: RegistryHost) {
        if let index = rules.firstIndex(where: { $0.prefix == host.name }) {
            rules[index].isInsecure = true
        } else {
            var rule = Rule(prefix: host.name)
            rule.isInsecure = true
            rules.append(rule)
        }
    }

    func isInsecure(_ host: RegistryHost) -> Bool {
        rule(for: host.name)?.isInsecure == true
            || rules.contains { $0.mirrors.contains { $0.host == host && $0.isInsecure } }
    }
}
