private import Crypto
import OCISpec

/// A private key that images are signed with. It is shown nowhere but in `pem`.
package struct SigningKey: Sendable {
    private enum Secret: Sendable {
        case ecdsa(P256.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    private let secret: Secret

    /// What comes before the 32 bytes of an Ed25519 key in PKCS #8.
    private static let ed25519Prefix: [UInt8] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]

    /// Makes a new key.
    package init(generating algorithm: KeyAlgorithm) {
        secret =
            switch algorithm {
            case .ecdsa: .ecdsa(P256.Signing.PrivateKey())
            case .ed25519: .ed25519(Curve25519.Signing.PrivateKey())
            }
    }

    /// Reads PEM: PKCS #8, or OpenSSL's older form for ECDSA. `subject` is for messages.
    package init(pem text: String, subject: String) throws(TrustError) {
        func invalid(_ detail: String, hint: String? = nil) -> TrustError {
            TrustError(.key(subject: subject, detail: detail), hint: hint)
        }
        guard let blocks = PEM.blocks(text) else { throw invalid("is not a private key in PEM") }
        if let block = blocks.first(where: { $0.label.hasPrefix("ENCRYPTED ") }) {
            throw invalid(
                "is an \"\(block.label)\": keys under a password can't be used",
                hint: "make a key with 'socle image trust key generate' (cosign takes it by 'cosign import-key-pair')"
            )
        }
        let keys = blocks.filter { $0.label == "PRIVATE KEY" || $0.label == "EC PRIVATE KEY" }
        guard keys.count == 1, let block = keys.first else { throw invalid("is not one private key in PEM") }
        if block.label == "PRIVATE KEY", block.bytes.starts(with: Self.ed25519Prefix),
            block.bytes.count == Self.ed25519Prefix.count + 32,
            let key = try? Curve25519.Signing.PrivateKey(
                rawRepresentation: Array(block.bytes.dropFirst(Self.ed25519Prefix.count))
            )
        {
            secret = .ed25519(key)
        } else if let key = try? P256.Signing.PrivateKey(pemRepresentation: PEM.text(block.label, block.bytes)) {
            secret = .ecdsa(key)
        } else {
            throw invalid("is neither an ECDSA key on P-256 nor an Ed25519 key")
        }
    }

    /// The key as PKCS #8, not encrypted.
    package var pem: String {
        switch secret {
        case .ecdsa(let key): key.pemRepresentation + "\n"
        case .ed25519(let key): PEM.text("PRIVATE KEY", Self.ed25519Prefix + Array(key.rawRepresentation))
        }
    }

    /// The key that others check with.
    package var publicKey: VerificationKey {
        switch secret {
        case .ecdsa(let key): VerificationKey(algorithm: .ecdsa, point: Array(key.publicKey.x963Representation))
        case .ed25519(let key): VerificationKey(algorithm: .ed25519, point: Array(key.publicKey.rawRepresentation))
        }
    }

    /// Signs a message; ECDSA gives the DER form.
    package func signature(of message: [UInt8]) throws(TrustError) -> [UInt8] {
        do {
            switch secret {
            case .ecdsa(let key): return Array(try key.signature(for: message).derRepresentation)
            case .ed25519(let key): return Array(try key.signature(for: message))
            }
        } catch {
            throw TrustError(.key(subject: publicKey.fingerprint.description, detail: "can't sign: \(error)"))
        }
    }
}
