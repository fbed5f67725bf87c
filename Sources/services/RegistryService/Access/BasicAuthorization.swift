import ByteStreams
import OCISpec

/// Lets in who sends a name and a password that a file has.
package struct BasicAuthorization: Sendable {
    private let file: PasswordFile
    /// Comparing keeps a processor busy: strangers must not keep all of them.
    private let permits = Permits(1)

    package init(_ file: PasswordFile) { self.file = file }

    /// Nil for who may come in.
    package func refusal(of request: RegistryRequest) -> RegistryRefusal? {
        if let (name, password) = Self.credentials(request.header("authorization")),
            permits.holding({ file.accepts(name: name, password: password) })
        {
            return nil
        }
        return RegistryRefusal(
            401,
            .unauthorized,
            "a name and a password are wanted",
            headers: [HeaderField("WWW-Authenticate", "Basic realm=\"socle\", charset=\"UTF-8\"")]
        )
    }

    static func credentials(_ header: String?) -> (name: String, password: String)? {
        guard let header, header.utf8.count <= 4_096 else { return nil }
        let words = header.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "basic", let bytes = Base64.bytes(String(words[1])),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
        else { return nil }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
}
