import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// A program `docker-credential-<name>` that keeps credentials: it is asked on its standard input and answers on its
/// standard output, after Docker's credential helper protocol. Secrets are never among its arguments.
struct CredentialProgram {
    let name: String

    /// What it may say, and how long it may take to say it: it may ask its user for a password.
    private static let limit = 1 << 20
    private static let patience = 120_000
    /// How helpers say that they know nothing.
    private static let unknown = "credentials not found in native keychain"
    /// The user name that stands before an identity token.
    private static let tokenUser = "<token>"

    func credential(_ server: String, _ host: RegistryHost) throws(RegistryError) -> Credential? {
        let answer = try run("get", server, host)
        if answer.status != 0 {
            if Self.text(answer.output) == Self.unknown { return nil }
            throw failure("get", answer, host)
        }
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: answer.output) } catch {
            throw RegistryError(.credentials("\(program) answers no JSON"), host.name)
        }
        guard let user = value["Username"]?.text, let secret = value["Secret"]?.text else {
            throw RegistryError(.credentials("\(program) answers without a name and a secret"), host.name)
        }
        return user == Self.tokenUser ? .identityToken(secret) : .password(user: user, secret: secret)
    }

    func store(_ credential: Credential, _ server: String, _ host: RegistryHost) throws(RegistryError) {
        let (user, secret) =
            switch credential {
            case .password(let user, let secret): (user, secret)
            case .identityToken(let token), .registryToken(let token): (Self.tokenUser, token)
            }
        let order: JSONValue = ["ServerURL": .string(server), "Username": .string(user), "Secret": .string(secret)]
        let answer = try run("store", order.serialized(), host)
        if answer.status != 0 { throw failure("store", answer, host) }
    }

    func erase(_ server: String, _ host: RegistryHost) throws(RegistryError) {
        let answer = try run("erase", server, host)
        if answer.status != 0, Self.text(answer.output) != Self.unknown { throw failure("erase", answer, host) }
    }

    private var program: String { "docker-credential-\(name)" }

    private struct Answer {
        var output: [UInt8]
        var status: Int32
    }

    private func run(_ verb: String, _ input: String, _ host: RegistryHost) throws(RegistryError) -> Answer {
        guard !name.contains("/"), !name.utf8.contains(0) else {
            throw RegistryError(.credentials("\"\(name)\" is no name of a credential helper"), host.name)
        }
        do throws(SystemError) { return try exchange(verb, input) } catch {
            if error.call == "posix_spawn", error.errno == .noSuchFileOrDirectory {
                throw RegistryError(.credentials("the credential helper \(program) is not installed"), host.name)
            }
            throw RegistryError(.credentials("\(program): \(error)"), host.name)
        }
    }

    private func exchange(_ verb: String, _ input: String) throws(SystemError) -> Answer {
        var helper = ChildProgram([program, verb])
        helper.hasOwnGroup = true
        var order = try Pipe()
        var output = try Pipe()
        var error = try Pipe()
        let child = try helper.start(input: order.reading.raw, output: output.writingEnd, error: error.writingEnd)
        output.closeWriting()
        error.closeWriting()
        // What is sent fits into a pipe, so nobody waits for anybody here.
        try? DescriptorIO.write(order.writingEnd, Array((input + "\n").utf8).span)
        order.closeWriting()
        let hasEnded = Self.watch(child.number)
        let said = try ProgramOutput.collect(output: output.reading.raw, error: error.reading.raw, limit: Self.limit)
        hasEnded.update { $0 = true }
        return Answer(output: said.output, status: try child.wait())
    }

    /// Ends a helper that doesn't end; it must be told before the helper is waited for.
    private static func watch(_ number: Int32) -> Guarded<Bool> {
        let hasEnded = Guarded(false)
        _ = DetachedThread.start {
            for _ in 0..<(patience / 100) {
                if hasEnded.update({ $0 }) { return }
                Pause.milliseconds(100)
            }
            hasEnded.update { if !$0 { ChildProgram.terminate(group: number) } }
        }
        return hasEnded
    }

    /// What it said may hold what it was told, so only its end without secrets is shown: the helpers' own words.
    private func failure(_ verb: String, _ answer: Answer, _ host: RegistryHost) -> RegistryError {
        let words = verb == "get" ? ": " + Self.text(answer.output).prefix(200) : ""
        return RegistryError(.credentials("\(program) \(verb) failed with status \(answer.status)\(words)"), host.name)
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return String(text.split(whereSeparator: \.isNewline).first ?? "").filter { !$0.isNewline }
    }
}
