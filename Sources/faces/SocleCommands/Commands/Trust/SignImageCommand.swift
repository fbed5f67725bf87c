import ImageManagement
import ImageTrust
import OCISpec
import SocleEngine
import SystemPackage

/// `socle image sign`.
struct SignImageCommand: Command {
    static let usage = Usage("NAME[:TAG|@DIGEST]", 1...1, "Sign an image where it is, at its registry")
    static var flags: [Flag<Self>] {
        Flag.value("attach", \.place, "Where the signature is put: \"tag\" or \"referrer\" (default \"tag\")")
        Flag.value("identity", \.identity, "Sign under this name instead of the image's own")
        Flag.list("key", \.keys, as: "file", "Private key (PEM); may be given several times")
    }
    var operands: [String] = []
    var place: String?
    var identity: String?
    var keys: [String] = []

    func run(in session: Session) throws -> ExitCode {
        guard !keys.isEmpty else { throw ArgumentError("--key is needed") }
        guard let place = SigningRequest.Place(rawValue: place ?? "tag") else {
            throw ArgumentError("invalid value \(GoText.quoted(place ?? "")) for --attach", hint: "tag or referrer")
        }
        var request = SigningRequest(try ImageReference(operands[0]), creator: SocleVersion.signer)
        request.place = place
        request.identity = try identity.map { text throws(ReferenceError) in try ImageReference(text) }
        let signers = try keys.map { try KeyFiles().signingKey(FilePath($0)) }
        let engine = try session.engine()
        for key in signers {
            let payload = try engine.sign(request, by: key)
            // Further keys sign the same, whatever the tag means by then.
            request.digest = payload.digest
            session.output.print("Signed \(request.reference.familiarName)@\(payload.digest) as \(payload.identity.familiar)")
        }
        return .success
    }
}
