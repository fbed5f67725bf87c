import ImageTrust
import Reporting
import SocleTesting
import Testing

@Suite struct KeyTests {
    private let message = Array("to be signed".utf8)

    @Test(arguments: KeyAlgorithm.allCases) func keysAreWrittenAndReadAgain(_ algorithm: KeyAlgorithm) throws {
        let key = SigningKey(generating: algorithm)
        let again = try SigningKey(pem: key.pem, subject: "k")
        let signature = try again.signature(of: message)
        let check = try VerificationKey(pem: key.publicKey.pem, subject: "p")
        #expect(check == key.publicKey && check.algorithm == algorithm)
        #expect(check.isValid(signature, of: message))
        #expect(!check.isValid(signature, of: message + [0]))
        #expect(!check.isValid(Array(signature.dropLast()), of: message))
        #expect(!check.isValid([], of: message))
        #expect(!SigningKey(generating: algorithm).publicKey.isValid(signature, of: message))
    }

    @Test(arguments: ["ecdsa", "ed25519"]) func openSSLsKeysAndSignatures(_ name: String) throws {
        let key = try SigningKey(pem: try #require(try Golden.text("trust/keys/\(name).key")), subject: name)
        let check = try VerificationKey(pem: try #require(try Golden.text("trust/keys/\(name).pub")), subject: name)
        #expect(key.publicKey == check)
        #expect(check.isValid(try #require(try Golden.bytes("trust/keys/\(name).sig")), of: message))
        #expect(check.isValid(try key.signature(of: message), of: message))
    }

    @Test func theOlderFormOfPrivateKeys() throws {
        let key = try SigningKey(pem: try #require(try Golden.text("trust/keys/ecdsa-sec1.key")), subject: "k")
        let same = try SigningKey(pem: try #require(try Golden.text("trust/keys/ecdsa.key")), subject: "k")
        #expect(key.publicKey == same.publicKey)
    }

    @Test(arguments: ["p384.pub", "rsa.pub", "ecdsa.key", "ecdsa.sig"]) func publicKeysThatAreNone(_ name: String) throws {
        let bytes = try #require(try Golden.bytes("trust/keys/\(name)"))
        let error = #expect(throws: TrustError.self) {
            try VerificationKey(pem: String(decoding: bytes, as: UTF8.self), subject: name)
        }
        #expect(error?.kind == .invalidArgument)
    }

    @Test func keysUnderAPasswordAreNamed() throws {
        for label in ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
            let error = #expect(throws: TrustError.self) {
                try SigningKey(pem: "-----BEGIN \(label)-----\nAAAA\n-----END \(label)-----\n", subject: "k")
            }
            #expect(error?.description == "key k: is an \"\(label)\": keys under a password can't be used")
        }
        for name in ["p384.key", "ecdsa.pub"] {
            let text = try #require(try Golden.text("trust/keys/\(name)"))
            #expect(throws: TrustError.self) { try SigningKey(pem: text, subject: "k") }
        }
    }
}
