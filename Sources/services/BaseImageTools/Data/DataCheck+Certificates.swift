import ELFFormat
import LinuxSystem

extension DataCheck {
    /// Where programs look for the certificates of authorities: files first, then directories.
    static let certificatePlaces = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
        "/etc/ssl/certs", "/etc/pki/tls/certs", "/system/etc/security/cacerts", "/data/misc/keychain/certs-added",
    ]

    /// W-CA
    func certificates() throws -> Finding? {
        guard let reason = certificateReason else { return nil }
        for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            if let path = variable(name), try hasCertificates(path) { return nil }
        }
        let bundle = try Self.certificatePlaces.first(where: hasCertificates)
        let bring = [PackageTool(in: root)?.install(["ca-certificates"])].compactMap(\.self)
        guard let bundle else {
            return finding(
                .certificates,
                "speaks TLS, and the image has no certificates of authorities",
                because: reason,
                bring.isEmpty
                    ? ["COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/"] + environmentLine
                    : bring,
                Self.certificatePlaces.map { PathBytes($0) }
            )
        }
        // OpenSSL looks into its own directory only.
        guard let folder = try opensslFolder(), try !hasCertificates("\(folder)/cert.pem"),
            try !hasCertificates("\(folder)/certs")
        else { return nil }
        return finding(
            .certificates,
            "speaks TLS by OpenSSL, which looks in \(folder) and not at \(bundle)",
            because: reason,
            ["ENV SSL_CERT_FILE=\(bundle)"]
        )
    }

    private var environmentLine: [String] {
        facts.uses("libssl") ? ["ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"] : []
    }

    private var certificateReason: String? {
        for name in ["libcurl", "libssl", "libgnutls", "libnss3"] {
            if let library = facts.libraries.first(where: { $0.hasPrefix(name) }) { return "it loads \(library)" }
        }
        switch facts.language {
        case .python, .ruby, .dotnet, .perl, .php: return "its language takes the system's certificates"
        case .node, .java, .lua, .erlang, .rlang: return nil
        case nil: break
        }
        // A text alone says little: other programs have it without meaning it.
        if let go = facts.go {
            return facts.traces.contains(.bundle) ? "it is made by \(go.version) with crypto/x509" : nil
        }
        if facts.traces.contains(.rustCertificates) { return "it has rustls-native-certs in it" }
        return facts.traces.contains(.opensslProbe) ? "it has openssl-probe in it" : nil
    }

    /// A file, or a directory with something in it.
    private func hasCertificates(_ path: String) throws -> Bool {
        guard let entry = try root.find(PathBytes(path)) else { return false }
        if entry.kind == .directory { return try !root.names(in: entry.path).isEmpty }
        return entry.size > 0
    }

    /// The directory that is compiled into OpenSSL, where the program uses it directly.
    private func opensslFolder() throws -> String? {
        guard facts.readsAll, facts.uses("libssl"), !facts.uses("libcurl"),
            let library = facts.started.links?.objects.first(where: {
                $0.file.dynamic?.soname?.hasPrefix("libcrypto.") == true
            }), let bytes = try root.contents(library.entry.path, limit: 32 << 20)
        else { return nil }
        let mark = Array("OPENSSLDIR: \"".utf8)
        guard let place = ByteSearch.firstIndex(of: mark, in: bytes) else { return nil }
        let text = bytes[(place + mark.count)...].prefix(1024)
        guard let end = text.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        return String(decoding: text[..<end], as: UTF8.self)
    }
}
