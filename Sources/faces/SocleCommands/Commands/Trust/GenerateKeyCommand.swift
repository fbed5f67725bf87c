import ImageTrust
import LinuxSystem
import SystemPackage

/// `socle image trust key generate`: a pair of keys, `NAME.key` and `NAME.pub`.
struct GenerateKeyCommand: Command {
    static let usage = Usage("NAME", 1...1, "Make a pair of keys: NAME.key to sign with, NAME.pub to verify with")
    static var flags: [Flag<Self>] {
        Flag.value("type", \.type, "\"ecdsa\" (P-256, cosign's own) or \"ed25519\" (default \"ecdsa\")")
    }
    static var entersUserSpace: Bool { false }
    var operands: [String] = []
    var type: String?

    func run(in session: Session) throws -> ExitCode {
        guard let algorithm = KeyAlgorithm(rawValue: type ?? "ecdsa") else {
            throw ArgumentError("invalid key type \(GoText.quoted(type ?? ""))", hint: "ecdsa or ed25519")
        }
        let key = SigningKey(generating: algorithm)
        // Neither file is written over: a key that is gone can't be made again.
        try NewFile.write(key.pem, to: FilePath(operands[0] + ".key"), mode: 0o600)
        try NewFile.write(key.publicKey.pem, to: FilePath(operands[0] + ".pub"), mode: 0o644)
        session.output.print("\(operands[0]).pub: \(algorithm.rawValue) key \(key.publicKey.fingerprint)")
        return .success
    }
}

/// Files that weren't there before.
enum NewFile {
    static func write(_ text: String, to path: FilePath, mode: UInt32) throws {
        let directory = try Directory.holding(path)
        let file = try directory.temporaryFile(mode: mode)
        try DescriptorIO.write(file.descriptor.raw, Array(text.utf8).span)
        try file.link(as: PathBytes(path.lastComponent?.string ?? ""), replace: false)
    }
}
