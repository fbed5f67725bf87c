
/// What somebody wants to do at a registry, in the words of its token service: `repository:library/debian:pull`.
package struct RegistryScope: Hashable, Sendable {
    /// Repositories by path, and whether they are written to.
    private var repositories: [String: Bool]

    /// Nothing but being known.
    package static let none = RegistryScope(repositories: [:])

    private init(repositories: [String: Bool]) { self.repositories = repositories }

    /// One repository.
    package init(_ path: String, isWritten: Bool) { repositories = [path: isWritten] }

    /// The same and reading another repository, for blobs that are mounted from it.
    package func reading(_ path: String) -> RegistryScope {
        var scope = self
        scope.repositories[path] = scope.repositories[path] ?? false
        return scope
    }

    /// In the order of the alphabet.
    var words: [String] {
        repositories.sorted { $0.key < $1.key }.map { "repository:\($0.key):\($0.value ? "pull,push" : "pull")" }
    }
}
