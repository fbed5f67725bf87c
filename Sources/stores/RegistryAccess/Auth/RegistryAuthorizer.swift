import ByteStreams
import LinuxSystem
import OCISpec
import Reporting

/// Knows what to send to one registry so that it answers: nothing, a name and a password, or tokens of its token service.
///
/// What was found out is kept as long as it is valid. Credentials go to the registry itself and to the token service that it
/// names, by https unless the registry itself is asked without.
final class RegistryAuthorizer: Sendable {
    private let host: RegistryHost
    private let source: any CredentialSource
    private let transport: any HTTPTransport
    private let state = Guarded(State())

    private struct State {
        /// The header for every request; of registries that know only passwords.
        var basic: String?
        var tokens: [RegistryScope: Token] = [:]
    }

    private struct Token {
        var text: String
        /// In seconds since 1970.
        var end: Int64
    }

    /// What an answer asks for, and what of it could be tried.
    enum Outcome { case tryAgain, nothingMore }

    init(_ host: RegistryHost, source: any CredentialSource, transport: any HTTPTransport) {
        self.host = host
        self.source = source
        self.transport = transport
    }

    /// The value of `Authorization` for a request; nil where none is known to be needed.
    func authorization(for scope: RegistryScope) -> String? {
        state.update { state in
            if let basic = state.basic { return basic }
            guard let token = state.tokens[scope], token.end > Timestamp.now.seconds else { return nil }
            return "Bearer \(token.text)"
        }
    }

    /// Answers a 401: after `tryAgain` there is something else to send.
    ///
    /// - Parameters:
    ///   - sent: what was sent with the request. Other threads may have found out meanwhile what to send.
    ///   - repository: domain and path, by which credentials are looked up.
    func answer(
        _ response: HTTPResponse,
        to sent: String?,
        scope: RegistryScope,
        repository: String,
        call: RegistryCall.Settings
    ) throws(RegistryError) -> Outcome {
        if let known = authorization(for: scope), known != sent { return .tryAgain }
        let challenges = AuthChallenge.parse(response.values(of: "www-authenticate"))
        let credential = try source.credential(for: host, repository: repository)
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            let token = try token(for: bearer, scope: scope, credential, call)
            state.update { $0.tokens[scope] = token }
            return "Bearer \(token.text)" == sent ? .nothingMore : .tryAgain
        }
        if challenges.contains(where: { $0.scheme == "basic" }), case .password(let user, let secret) = credential {
            let header = Self.basic(user, secret)
            state.update { $0.basic = header }
            return header == sent ? .nothingMore : .tryAgain
        }
        if credential == nil, challenges.contains(where: { $0.scheme == "basic" }) {
            var error = RegistryError(.credentials("no basic auth credentials"), call.subject)
            error.advice = "socle login\(host == .dockerHub ? "" : " \(host.name)")"
            throw error
        }
        return .nothingMore
    }

    private static func basic(_ user: String, _ secret: String) -> String {
        "Basic \(Base64.text(Array("\(user):\(secret)".utf8)))"
    }

    // MARK: - Tokens

    private func token(
        for challenge: AuthChallenge,
        scope: RegistryScope,
        _ credential: Credential?,
        _ call: RegistryCall.Settings
    ) throws(RegistryError) -> Token {
        if case .registryToken(let text) = credential { return Token(text: text, end: .max) }
        guard let realm = challenge.parameters["realm"], let address = WebAddress(realm) else {
            throw RegistryError(.protocolError("its token service has no address"), host.name)
        }
        guard address.scheme == "https" || call.scheme == "http" else {
            throw RegistryError(.forbidden("its token service is not asked, since it doesn't use https"), host.name)
        }
        // What was asked for, else what the server says that it takes.
        let own = challenge.parameters["scope"].map { $0.split(separator: " ").map(String.init) } ?? []
        let scopes = scope.words.isEmpty ? own : scope.words
        let service = challenge.parameters["service"]
        let request =
            if case .identityToken(let token) = credential {
                exchange(token, at: address, service, scopes)
            } else {
                question(at: address, service, scopes, credential)
            }
        return try send(request, call)
    }

    /// GET with the questions in the query, as the first version of the token service has it.
    private func question(
        at address: WebAddress,
        _ service: String?,
        _ scopes: [String],
        _ credential: Credential?
    ) -> HTTPRequest {
        var address = address
        if let service { address = address.adding("service", service) }
        for scope in scopes { address = address.adding("scope", scope) }
        var headers: [HTTPHeader] = []
        if case .password(let user, let secret) = credential {
            address = address.adding("account", user)
            headers.append(HTTPHeader("Authorization", Self.basic(user, secret)))
        }
        return HTTPRequest(address.text, headers: headers, redirects: 0)
    }

    /// POST in the manner of OAuth 2, for those who have an identity token.
    private func exchange(_ token: String, at address: WebAddress, _ service: String?, _ scopes: [String]) -> HTTPRequest {
        let fields = [
            ("grant_type", "refresh_token"), ("service", service ?? ""), ("client_id", "socle"),
            ("scope", scopes.joined(separator: " ")), ("refresh_token", token),
        ]
        let text = fields.map { "\($0.0)=\(PercentEncoding.encoded($0.1))" }.joined(separator: "&")
        return HTTPRequest(
            address.text,
            method: .post,
            headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")],
            body: HTTPBody(Array(text.utf8)),
            redirects: 0
        )
    }

    private func send(_ request: HTTPRequest, _ call: RegistryCall.Settings) throws(RegistryError) -> Token {
        var request = request
        request.security = call.security
        request.cancellation = call.cancellation
        let response: HTTPResponse
        do throws(HTTPError) { response = try transport.send(request) } catch {
            throw RegistryError(.transport(error), call.subject)
        }
        guard response.status == 200 else {
            let error = RegistryAnswer.failure(response, call.subject)
            throw error
        }
        let answer = try RegistryAnswer.document(Answer.self, response, call.subject)
        guard let text = answer.token ?? answer.access_token, !text.isEmpty,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw RegistryError(.protocolError("its token service gave no token"), host.name) }
        // Who says nothing means a minute; a part of it may be over when it arrives.
        let life = max(60, min(answer.expires_in ?? 60, 86_400)) - 10
        return Token(text: text, end: Timestamp.now.seconds + life)
    }

    private struct Answer: Codable, Sendable {
        var token: String?
        var access_token: String?
        var expires_in: Int64?
    }
}
