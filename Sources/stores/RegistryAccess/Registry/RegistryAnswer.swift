import ByteStreams
import OCISpec

/// Reading the bodies of answers, of which none may be endless.
enum RegistryAnswer {
    /// What of an error's body is looked at.
    static let errorLimit = 65_536
    /// No token, list of tags or list of referrers is larger.
    static let documentLimit = 4 << 20

    /// The body of an answer that went wrong, as an error.
    static func failure(_ response: HTTPResponse, _ subject: String) -> RegistryError {
        var bytes = [UInt8](repeating: 0, count: errorLimit)
        // An error's body that can't be read says nothing more.
        let count = (try? response.body.readFully(into: &bytes)) ?? 0
        var error = RegistryError(.refused(status: response.status, RegistryComplaint(Array(bytes[..<count]))), subject)
        if response.status == 429 || response.status == 503 { error.retryAfter = retryAfter(response) }
        if response.status == 429, let limit = response.header("ratelimit-limit") {
            let rate = limit.prefix { $0.isNumber }
            error.advice =
                "the registry allows \(rate) pulls in a period of time; those who have logged in (socle login) may have more"
        }
        return error
    }

    /// Seconds, or a moment.
    private static func retryAfter(_ response: HTTPResponse) -> Int64? {
        guard let text = response.header("retry-after") else { return nil }
        if let seconds = Int64(text) { return max(0, seconds) }
        return HTTPDate.moment(text).map { max(0, $0.seconds - Timestamp.now.seconds) }
    }

    /// A whole small body.
    static func bytes(
        _ response: HTTPResponse,
        limit: Int = documentLimit,
        _ subject: String
    ) throws(RegistryError) -> [UInt8] {
        do throws(StreamError) { return try response.body.readAll(limit: limit) } catch {
            if case .tooLarge = error.reason {
                throw RegistryError(.content("the registry's answer is larger than \(limit) bytes"), subject)
            }
            throw RegistryError(.transport(HTTPError(.connection(error.description), url: response.finalURL)), subject)
        }
    }

    /// A small JSON document.
    static func document<Value: Decodable>(
        _ type: Value.Type,
        _ response: HTTPResponse,
        _ subject: String
    ) throws(RegistryError) -> Value {
        let bytes = try bytes(response, subject)
        do throws(JSONError) { return try JSON.decode(type, from: bytes, limit: documentLimit) } catch {
            throw RegistryError(.protocolError(error.description), subject)
        }
    }
}
