package import ByteStreams
package import OCISpec

/// One repository of a registry: what can be read there, also at its mirrors, and written. After the OCI distribution
/// specification 1.1. Calls block.
package struct RemoteRepository: Sendable {
    /// The name that was asked for; errors name it.
    package let reference: ImageReference
    let home: RepositoryPlace
    /// Asked before home when something is read.
    let mirrors: [RepositoryPlace]
    let retry: RetryPolicy
    /// Ends whatever is under way when nobody wants it any more.
    package var cancellation: Cancellation?

    init(reference: ImageReference, home: RepositoryPlace, mirrors: [RepositoryPlace], retry: RetryPolicy) {
        self.reference = reference
        self.home = home
        self.mirrors = mirrors
        self.retry = retry
    }

    /// Whether it says the same of both: blobs can be mounted from one to the other.
    package func sharesRegistry(with other: RemoteRepository) -> Bool {
        home.connection.host == other.home.connection.host
    }

    func call(
        _ method: HTTPMethod = .get,
        _ place: RepositoryPlace,
        _ path: String,
        isWritten: Bool = false,
        subject: String? = nil
    ) -> RegistryCall {
        RegistryCall(
            method: method,
            place: .path("/v2/\(place.path)/\(path)"),
            scope: RegistryScope(place.path, isWritten: isWritten),
            repository: place.name,
            subject: subject ?? reference.familiarName,
            cancellation: cancellation
        )
    }

    /// What the first place that has it gives. A mirror's failure is no failure: home is asked last and decides.
    func reading<Result>(_ body: (RepositoryPlace) throws(RegistryError) -> Result) throws(RegistryError) -> Result {
        for mirror in mirrors {
            do throws(RegistryError) { return try body(mirror) } catch {
                if error.reason == .cancelled { throw error }
            }
        }
        return try body(home)
    }

    func require(_ statuses: Set<Int>, _ response: HTTPResponse, _ subject: String) throws(RegistryError) {
        if statuses.contains(response.status) { return }
        if response.status >= 400 { throw RegistryAnswer.failure(response, subject) }
        throw RegistryError(.protocolError("status \(response.status) was not expected"), subject)
    }
}
