import ByteStreams
import OCISpec

/// One request to a registry, before it is known how the registry is reached and what it wants to know.
struct RegistryCall {
    /// What it is asked at.
    enum Place {
        /// At the registry, from its root on: `/v2/library/debian/tags/list`.
        case path(String)
        /// Where the registry itself sent us.
        case address(WebAddress)
    }

    /// What all requests of one piece of work share.
    struct Settings {
        /// What is told about in errors.
        var subject: String
        var scheme = "https"
        var security = TLSSettings()
        var cancellation: Cancellation?
    }

    var method = HTTPMethod.get
    var place: Place
    var headers: [HTTPHeader] = []
    var body: HTTPBody?
    var scope: RegistryScope
    /// Domain and path: what credentials are looked up by.
    var repository: String
    /// The image as the user knows it.
    var subject: String
    var cancellation: Cancellation?
    /// Whether it may be made again after an error that may pass.
    var isRepeatable = true

    /// Whether a redirect may be followed: not where something is sent.
    var followsRedirects: Bool { method == .get || method == .head }
}
