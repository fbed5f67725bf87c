import ByteStreams
import LinuxSystem
package import SystemPackage

/// Reads keys from where rules and flags name them.
package struct KeyFiles: Sendable {
    private static let sizeLimit = 64 << 10

    package init() {}

    /// A public key: PEM as it stands, or a file, whose name starts at the policy's folder.
    package func key(_ text: String, namedIn policy: String) throws(TrustError) -> VerificationKey {
        if text.hasPrefix("-----BEGIN ") { return try VerificationKey(pem: text, subject: "in \(policy)") }
        return try verificationKey(FilePath(policy).parent.pushing(FilePath(text)))
    }

    /// A public key from a file.
    package func verificationKey(_ path: FilePath) throws(TrustError) -> VerificationKey {
        try VerificationKey(pem: try text(path), subject: path.string)
    }

    /// A private key from a file.
    package func signingKey(_ path: FilePath) throws(TrustError) -> SigningKey {
        try SigningKey(pem: try text(path), subject: path.string)
    }

    private func text(_ path: FilePath) throws(TrustError) -> String {
        do {
            let file = try HostPath.openForReading(path)
            return String(decoding: try DescriptorIO.readAll(file.raw, limit: Self.sizeLimit), as: UTF8.self)
        } catch { throw TrustError(.key(subject: path.string, detail: "\(error)")) }
    }
}
