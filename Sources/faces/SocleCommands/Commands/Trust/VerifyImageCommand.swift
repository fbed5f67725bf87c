import ImageTrust
import OCISpec
import Reporting
import SocleEngine
import SystemPackage

/// `socle image verify`, `socle image trust verify`: what a pull would say.
struct VerifyImageCommand: Command {
    static let usage = Usage(
        "NAME[:TAG|@DIGEST]",
        1...1,
        "Verify an image at its registry by the trust policies, or by keys"
    )
    static var flags: [Flag<Self>] {
        Flag.value("identity", \.identity, "The name that must have been signed, instead of the image's own (with --key)")
        Flag.list("key", \.keys, as: "file", "Public key (PEM); a signature by any of several is enough")
        Flag.value("platform", \.platform, "Verify the image for this platform")
        Flag.toggle("quiet", short: "q", \.quiet, "Print nothing but errors")
    }
    var operands: [String] = []
    var identity: String?
    var keys: [String] = []
    var platform: PlatformArgument?
    var quiet = false

    func run(in session: Session) throws -> ExitCode {
        let reference = try ImageReference(operands[0])
        let name = try identity.map { text throws(ReferenceError) in try ImageReference(text) }
        guard name == nil || !keys.isEmpty else { throw ArgumentError("--identity needs --key") }
        let known = try keys.map { try KeyFiles().verificationKey(FilePath($0)) }
        let verifier = known.isEmpty ? nil : SignatureVerifier(keys: known, identity: name)
        let (image, admissions) = try session.engine().verify(reference, platform: platform?.platform, by: verifier)
        if quiet { return .success }
        session.output.print("\(image.name.familiarName)@\(image.digest)")
        if admissions.isEmpty { session.output.print("accepted: there is no trust policy") }
        for admission in admissions { session.output.print(Self.line(admission)) }
        return .success
    }

    static func line(_ admission: TrustGate.Admission) -> String {
        let place = admission.rule.map { " by the rule \"\($0.pattern.text)\" of \(admission.file)" } ?? ""
        switch admission.ground {
        case .noRule: return "accepted: no rule of \(admission.file) is for it"
        case .accepted: return "accepted\(place)"
        case .digest(let digest): return "accepted\(place): \(digest)"
        case .signature(let found):
            let payload = found.payload
            var line = "signed as \(payload.identity.familiar)\(place): "
            line += "\(found.key.algorithm.rawValue) key \(found.key.fingerprint), \(payload.digest)"
            if let creator = payload.creator { line += ", made by \(ShownText.line(String(creator.prefix(100))))" }
            return line
        }
    }
}
