import OCISpec
import ByteStreams
import LinuxSystem
import RegistryAccess
import Reporting

/// The secrets of the caller's that let builds fetch, by BuildKit's names: `HTTP_AUTH_TOKEN_<host>`,
/// `HTTP_AUTH_HEADER_<host>`, `GIT_AUTH_TOKEN[.<host>]`, `GIT_AUTH_HEADER[.<host>]`.
struct SourceCredentials: Sendable {
    var secrets: [SecretSource] = []

    /// No honest token is larger.
    private static let limit = 65_536

    /// What a request for a URL is sent with; it goes to the URL's own server only.
    func headers(for url: String) throws -> [HTTPHeader] {
        guard !secrets.isEmpty, let host = Self.host(of: url) else { return [] }
        if let value = try value("HTTP_AUTH_HEADER_\(host)") { return [HTTPHeader("Authorization", value)] }
        return try value("HTTP_AUTH_TOKEN_\(host)").map { [HTTPHeader("Authorization", "Bearer \($0)")] } ?? []
    }

    /// The value of the header `Authorization` for a git repository on the web; nil where there is none.
    func authorization(forGit address: String) throws -> String? {
        guard !secrets.isEmpty, address.hasPrefix("http"), let host = Self.host(of: address) else { return nil }
        for suffix in [".\(host)", ""] {
            if let value = try value("GIT_AUTH_HEADER\(suffix)") { return value }
            if let token = try value("GIT_AUTH_TOKEN\(suffix)") {
                return "basic \(Base64.text(Array("x-access-token:\(token)".utf8)))"
            }
        }
        return nil
    }

    private func value(_ id: String) throws -> String? {
        guard let secret = secrets.first(where: { $0.id == id }) else { return nil }
        let text: String
        switch secret.place {
        case .value(let value): text = value
        case .file(let path):
            let file = try HostPath.openForReading(path)
            text = String(decoding: try DescriptorIO.readAll(file.raw, limit: Self.limit), as: UTF8.self)
        }
        // Files end with a line's end, headers don't.
        let value = String(text.reversed().drop(while: \.isWhitespace).reversed())
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw PlainFailure(.invalidArgument, "secret \(id): a header can't have control characters")
        }
        return value
    }

    /// The host with its port, as the names of secrets have it.
    private static func host(of url: String) -> String? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return host.isEmpty ? nil : String(host)
    }
}
