import ByteStreams
import LinuxSystem
import OCISpec

/// One registry as it is reached from here: with which scheme, certificates and credentials; tries again what may pass.
final class RegistryConnection: Sendable {
    let host: RegistryHost
    private let transport: any HTTPTransport
    private let authorizer: RegistryAuthorizer
    private let retry: RetryPolicy
    private let security: TLSSettings
    /// The schemes that may be tried, the first first.
    private let schemes: [String]
    /// The one that was answered.
    private let scheme = Guarded<String?>(nil)

    init(
        _ host: RegistryHost,
        settings: RegistrySettings,
        credentials: any CredentialSource,
        transport: any HTTPTransport,
        retry: RetryPolicy
    ) throws(RegistryError) {
        self.host = host
        self.transport = transport
        self.retry = retry
        authorizer = RegistryAuthorizer(host, source: credentials, transport: transport)
        var security = try CertificateFolder.settings(for: host, in: settings.certificateFolders)
        // As with Docker, what listens on this machine is believed, unless there is a certificate to compare with.
        if settings.isInsecure(host) || host.isLoopback && security.authorities.isEmpty { security.isUnverified = true }
        self.security = security
        schemes = settings.mayUseHTTP(host) ? ["https", "http"] : ["https"]
    }

    /// Sends a request. Every status but 401, and those that may pass and didn't after some attempts, is an answer.
    func send(_ call: RegistryCall) throws(RegistryError) -> HTTPResponse {
        var attempt = 0
        while true {
            attempt += 1
            if call.cancellation?.isCancelled == true { throw RegistryError(.cancelled, call.subject) }
            do throws(RegistryError) {
                let response = try sendAuthorized(call)
                guard [408, 429, 500, 502, 503, 504].contains(response.status) else { return response }
                throw RegistryAnswer.failure(response, call.subject)
            } catch {
                if call.cancellation?.isCancelled == true { throw RegistryError(.cancelled, call.subject) }
                guard call.isRepeatable, error.isPassing,
                    let pause = retry.pause(after: attempt, wish: error.retryAfter)
                else { throw error }
                retry.pause(pause, call.cancellation)
            }
        }
    }

    /// Answers what the registry wants to know, once for what it forgot and once for what it never knew.
    private func sendAuthorized(_ call: RegistryCall) throws(RegistryError) -> HTTPResponse {
        for _ in 0..<2 {
            let sent = authorizer.authorization(for: call.scope)
            let response = try sendFollowing(call, sent)
            guard response.status == 401 else { return response }
            let settings = RegistryCall.Settings(
                subject: call.subject,
                scheme: scheme.update { $0 } ?? "https",
                security: security,
                cancellation: call.cancellation
            )
            let outcome = try authorizer.answer(
                response,
                to: sent,
                scope: call.scope,
                repository: call.repository,
                call: settings
            )
            if outcome == .nothingMore { throw RegistryAnswer.failure(response, call.subject) }
        }
        let response = try sendFollowing(call, authorizer.authorization(for: call.scope))
        if response.status == 401 { throw RegistryAnswer.failure(response, call.subject) }
        return response
    }

    // MARK: - Redirects

    private static let mostRedirects = 10

    /// Follows redirects; credentials stay with the server that they are for.
    ///
    /// - Parameter authorization: what is sent as `Authorization`.
    private func sendFollowing(_ call: RegistryCall, _ authorization: String?) throws(RegistryError) -> HTTPResponse {
        var (response, address) = try sendFirst(call, authorization)
        guard call.followsRedirects else { return response }
        let origin = address
        for _ in 0..<Self.mostRedirects {
            guard [301, 302, 303, 307, 308].contains(response.status) else { return response }
            guard let location = response.header("location"), let next = address.resolving(location) else {
                throw RegistryError(.protocolError("it redirects to nowhere"), call.subject)
            }
            guard next.scheme == "https" || origin.scheme == "http" else {
                throw RegistryError(.forbidden("a redirect from https to http is not followed"), call.subject)
            }
            address = next
            response = try sendOnce(call, to: address, isOwn: next.hasOrigin(of: origin), authorization)
        }
        throw RegistryError(.protocolError("more than \(Self.mostRedirects) redirects"), call.subject)
    }

    private func sendFirst(
        _ call: RegistryCall,
        _ authorization: String?
    ) throws(RegistryError) -> (HTTPResponse, WebAddress) {
        switch call.place {
        case .address(let address):
            let own = WebAddress(scheme: scheme.update { $0 } ?? "https", authority: host.address, target: "/")
            return (try sendOnce(call, to: address, isOwn: address.hasOrigin(of: own), authorization), address)
        case .path(let path):
            let known = scheme.update { $0 }
            let tried = known.map { [$0] } ?? schemes
            var failure: RegistryError?
            for (index, scheme) in tried.enumerated() {
                let address = WebAddress(scheme: scheme, authority: host.address, target: path)
                do throws(RegistryError) {
                    let response = try sendOnce(call, to: address, isOwn: true, authorization)
                    // A server that wants TLS says so to who comes without; why it came to nothing with it is what counts.
                    if response.status == 400, let failure { throw failure }
                    self.scheme.update { $0 = scheme }
                    return (response, address)
                } catch {
                    // Without TLS only where there was none: not after a server that broke off.
                    guard index + 1 < tried.count, error.isSilence, call.cancellation?.isCancelled != true else {
                        throw error
                    }
                    failure = error
                }
            }
            throw RegistryError(.protocolError("there is no way to reach it"), call.subject)
        }
    }

    /// - Parameter isOwn: whether the address is the registry's own; others hear nothing that is secret.
    private func sendOnce(
        _ call: RegistryCall,
        to address: WebAddress,
        isOwn: Bool,
        _ authorization: String?
    ) throws(RegistryError) -> HTTPResponse {
        var headers = call.headers
        if isOwn, let authorization { headers.append(HTTPHeader("Authorization", authorization)) }
        let request = HTTPRequest(
            address.text,
            method: call.method,
            headers: headers,
            body: call.body,
            redirects: 0,
            // Certificates of our own are for the registry, not for where it sends us.
            security: isOwn ? security : TLSSettings(),
            cancellation: call.cancellation
        )
        do throws(HTTPError) { return try transport.send(request) } catch {
            if case .body(let error) = error.reason { throw RegistryError(.stream(error), call.subject) }
            throw RegistryError(.transport(error), call.subject)
        }
    }
}
