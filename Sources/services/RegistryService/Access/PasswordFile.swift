private import CCrypt
private import Crypto
import LinuxSystem
import OCISpec
import Reporting
package import SystemPackage

/// The names and passwords of those who may come in: a file of Apache's `htpasswd`, with passwords digested by crypt(3), such
/// as bcrypt's (`htpasswd -B`).
package final class PasswordFile: Sendable {
    private let entries: [String: String]
    /// What was compared already: comparing is meant to take long. Only a digest with a key that this process alone has is
    /// kept, for a while.
    private let known = Guarded<[[UInt8]: Int64]>([:])
    private let key = SymmetricKey(size: .bits256)

    private static let capacity = 1_000
    /// How many seconds a comparison counts.
    private static let memory: Int64 = 300
    /// What passwords of unknown names are compared with, so that it takes as long.
    private static let nobody = "$2y$05$HKtl0pAwjHn57hIyC2Cc2ubdcoSGANoH63A2fNsW.RX3zy0k5Lyfu"

    /// Reads the file.
    package convenience init(_ path: FilePath) throws {
        let file = try HostPath.openForReading(path)
        let bytes = try DescriptorIO.readAll(file.raw, limit: 1 << 20)
        try self.init(String(decoding: bytes, as: UTF8.self), path: path.string)
    }

    init(_ text: String, path: String) throws {
        guard socle_crypt_available() else {
            throw PlainFailure(.unsupported, "passwords can't be compared: libcrypt.so.1 can't be loaded")
        }
        var entries: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            if line.isEmpty || line.hasPrefix("#") { continue }
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let place = "\(path), line \(index + 1)"
            guard sides.count == 2, !sides[0].isEmpty else {
                throw PlainFailure(.invalidArgument, "\(place): not a name and a digest")
            }
            let setting = String(sides[1])
            // Apache's own ways, and plain text, are no ways of crypt(3); the oldest of its own can be guessed in no time.
            guard setting.hasPrefix("$"), !setting.hasPrefix("$apr1$"), Self.digest("", setting) != nil else {
                throw PlainFailure(
                    .unsupported,
                    "\(place): the password of \"\(sides[0])\" is digested in a way that is not supported",
                    hint: "htpasswd -B makes entries that are"
                )
            }
            entries[String(sides[0])] = setting
        }
        guard !entries.isEmpty else { throw PlainFailure(.invalidArgument, "\(path): nobody is in the file") }
        self.entries = entries
    }

    /// Whether a password is that of a name. Takes its time.
    func accepts(name: String, password: String, at now: Int64 = Timestamp.now.seconds) -> Bool {
        // What crypt(3) can't see is not part of a password.
        guard !password.utf8.contains(0) else { return false }
        let code = Array(HMAC<SHA256>.authenticationCode(for: Array("\(name)\0\(password)".utf8), using: key))
        if let time = known.update({ $0[code] }), now - time < Self.memory { return true }
        let setting = entries[name]
        let digest = Self.digest(password, setting ?? Self.nobody)
        guard let setting, let digest, Self.equal(Array(digest.utf8), Array(setting.utf8)) else { return false }
        known.update { known in
            if known.count >= Self.capacity { known.removeAll() }
            known[code] = now
        }
        return true
    }

    private static func digest(_ password: String, _ setting: String) -> String? {
        var room = [CChar](repeating: 0, count: 512)
        let size = room.count
        guard socle_crypt(password, setting, &room, size) else { return nil }
        return String(decoding: room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Takes the same time wherever they differ.
    private static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
