private import Crypto
package import OCISpec

/// The sorts of keys that sign images.
package enum KeyAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// ECDSA on P-256 with SHA-256: cosign's own.
    case ecdsa
    case ed25519
}

/// A public key that signatures are checked with.
package struct VerificationKey: Sendable, Hashable {
    package let algorithm: KeyAlgorithm
    /// The key as `SubjectPublicKeyInfo`.
    private let der: [UInt8]

    /// What comes before the point of a P-256 key, and before an Ed25519 key: there is one way only to write either.
    static let ecdsaPrefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ]
    static let ed25519Prefix: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

    /// Reads PEM; `subject` is for messages.
    package init(pem text: String, subject: String) throws(TrustError) {
        func invalid(_ detail: String) -> TrustError { TrustError(.key(subject: subject, detail: detail)) }
        guard let blocks = PEM.blocks(text), !blocks.isEmpty else { throw invalid("is not a public key in PEM") }
        guard blocks.count == 1, let block = blocks.first, block.label == "PUBLIC KEY" else {
            let label = blocks.first { $0.label != "PUBLIC KEY" }?.label ?? "more than one key"
            throw invalid("must be one \"PUBLIC KEY\", but is \"\(label)\"")
        }
        let bytes = block.bytes
        if bytes.starts(with: Self.ecdsaPrefix), bytes.count == Self.ecdsaPrefix.count + 65 {
            algorithm = .ecdsa
        } else if bytes.starts(with: Self.ed25519Prefix), bytes.count == Self.ed25519Prefix.count + 32 {
            algorithm = .ed25519
        } else {
            throw invalid("is neither an ECDSA key on P-256 nor an Ed25519 key")
        }
        der = bytes
        guard isUsable else { throw invalid("is no point of its curve") }
    }

    init(algorithm: KeyAlgorithm, point: [UInt8]) {
        self.algorithm = algorithm
        der = (algorithm == .ecdsa ? Self.ecdsaPrefix : Self.ed25519Prefix) + point
    }

    /// SHA-256 of the key's `SubjectPublicKeyInfo`.
    package var fingerprint: OCISpec.Digest { .of(der) }

    /// The key as text.
    package var pem: String { PEM.text("PUBLIC KEY", der) }

    private var point: [UInt8] {
        Array(der.dropFirst(algorithm == .ecdsa ? Self.ecdsaPrefix.count : Self.ed25519Prefix.count))
    }

    private var isUsable: Bool {
        switch algorithm {
        case .ecdsa: (try? P256.Signing.PublicKey(x963Representation: point)) != nil
        case .ed25519: (try? Curve25519.Signing.PublicKey(rawRepresentation: point)) != nil
        }
    }

    /// Whether the owner of the key signed the message. What isn't even a signature was signed by nobody.
    package func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch algorithm {
        case .ecdsa:
            guard let key = try? P256.Signing.PublicKey(x963Representation: point),
                let value = try? P256.Signing.ECDSASignature(derRepresentation: signature)
            else { return false }
            return key.isValidSignature(value, for: message)
        case .ed25519:
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: point) else { return false }
            return key.isValidSignature(signature, for: message)
        }
    }
}
