import ImageTrust
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// `socle image trust set`: writes a rule.
struct SetTrustRuleCommand: Command {
    static let usage = Usage("PATTERN [accept|reject]", 1...2, "Set the rule for the images of a pattern")
    static var flags: [Flag<Self>] {
        Flag.list("digest", \.digests, as: "digest", "Accept images with this digest only; may be given several times")
        Flag.value("identity", \.identity, "The name that must have been signed, instead of the image's own")
        Flag.list("key", \.keys, as: "file", "Accept images that are signed by this public key; or by another, if several")
    }
    var operands: [String] = []
    var digests: [String] = []
    var identity: String?
    var keys: [String] = []

    func run(in session: Session) throws -> ExitCode {
        let pattern = try TrustPattern(operands[0])
        let requirement = try requirement()
        let path = TrustPolicyFiles(environment: Terminal.environment).changed(isRoot: Terminal.isRoot)
        var policy = try TrustPolicyFiles.read(path) ?? TrustPolicy(file: path.string)
        policy.set(TrustPolicy.Rule(pattern, requirement))
        try TrustPolicyFiles.write(policy)
        return .success
    }

    private func requirement() throws -> TrustPolicy.Requirement {
        let word = operands.dropFirst().first
        guard [word != nil, !digests.isEmpty, !keys.isEmpty].filter({ $0 }).count == 1 else {
            throw ArgumentError("one of \"accept\", \"reject\", --digest and --key is needed")
        }
        guard identity == nil || !keys.isEmpty else { throw ArgumentError("--identity needs --key") }
        switch word {
        case "accept": return .accept
        case "reject": return .reject
        case nil: break
        default: throw ArgumentError("invalid rule \(GoText.quoted(word ?? ""))", hint: "accept or reject")
        }
        if !digests.isEmpty {
            return .digests(try digests.map { text throws(DigestError) in try Digest(text) })
        }
        // Names of files in a policy start at its folder, those of the command line here.
        let files = try keys.map { name in
            let path = try Self.absolute(name)
            _ = try KeyFiles().verificationKey(path)
            return path.string
        }
        let name = try identity.map { text throws(ReferenceError) in try ImageReference(text) }
        if name?.digest != nil { throw ArgumentError("--identity is a name without a digest") }
        return .signature(SignatureRequirement(keys: files, identity: name))
    }

    private static func absolute(_ name: String) throws -> FilePath {
        let path = FilePath(name)
        return path.isAbsolute ? path : try FilePath(CurrentDirectory.path()).pushing(path)
    }
}

/// `socle image trust rm`: takes a rule back.
struct RemoveTrustRuleCommand: Command {
    static let usage = Usage("PATTERN [PATTERN...]", 1...Usage.many, "Remove the rules for patterns")
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        let path = TrustPolicyFiles(environment: Terminal.environment).changed(isRoot: Terminal.isRoot)
        var policy = try TrustPolicyFiles.read(path) ?? TrustPolicy(file: path.string)
        for text in operands where try !policy.remove(TrustPattern(text)) {
            throw PlainFailure(.notFound, "there is no rule \(GoText.quoted(text)) in \(path)")
        }
        try TrustPolicyFiles.write(policy)
        return .success
    }
}
