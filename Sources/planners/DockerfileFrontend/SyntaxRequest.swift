import DockerfileSyntax
import OCISpec
import Reporting

/// The frontend that a Dockerfile asks for by `# syntax=`, or its caller by the argument `BUILDKIT_SYNTAX`.
///
/// The built-in one answers for `docker/dockerfile`; there is no other.
struct SyntaxRequest {
    /// What was asked for, as written.
    let text: String
    /// Where; nil for the caller's argument.
    let range: SourceRange?

    /// The version of `docker/dockerfile` whose language this is.
    static let version = (major: 1, minor: 26)

    private static let repositories = ["docker.io/docker/dockerfile", "docker.io/docker/dockerfile-upstream"]
    private static let builtIn = "dockerfile.v0"

    init(text: String, range: SourceRange?) {
        self.text = text
        self.range = range
    }

    /// Nil where nobody asked.
    init?(_ dockerfile: Dockerfile, _ options: FrontendOptions) {
        let directive = dockerfile.directives.syntax
        let given = options.buildArguments["BUILDKIT_SYNTAX"]
        // Words behind the name are arguments of the frontend.
        guard let name = (given ?? directive?.text)?.split(whereSeparator: \.isWhitespace).first else { return nil }
        text = String(name)
        range = given == nil ? directive?.range : nil
    }

    /// Says what can't be answered, and what may be understood otherwise than it was meant.
    func check(file: String) -> Diagnostic? {
        if let refusal = refusal(file: file) { return refusal }
        guard let tag = (try? ImageReference(text))?.tag else { return nil }
        let version = "\(Self.version.major).\(Self.version.minor)"
        if tag.split(separator: "-").contains(where: { $0 == "labs" || $0 == "experimental" }) {
            return diagnostic(
                .warning,
                "\(text) asks for experimental features; the built-in frontend has those of docker/dockerfile:\(version)",
                file
            )
        }
        guard Self.isNewer(tag) else { return nil }
        return diagnostic(
            .warning,
            "\(text) is newer than the built-in frontend, which is that of docker/dockerfile:\(version)",
            file
        )
    }

    /// The error of a frontend that there isn't.
    func refusal(file: String) -> Diagnostic? {
        if text == Self.builtIn { return nil }
        if let reference = try? ImageReference(text), Self.repositories.contains(reference.repository) { return nil }
        return diagnostic(
            .error,
            "frontend \(text.goQuoted) is not supported: there is only the built-in one, for docker/dockerfile",
            file,
            hint: range == nil ? nil : "--build-arg BUILDKIT_SYNTAX=docker/dockerfile:1 reads the file as a Dockerfile"
        )
    }

    /// Whether a tag names a version beyond ours; one that isn't a number doesn't.
    private static func isNewer(_ tag: String) -> Bool {
        let numbers = tag.prefix { $0 != "-" }.split(separator: ".").map { Int($0) }
        guard let major = numbers.first.flatMap({ $0 }) else { return false }
        let minor = numbers.count > 1 ? numbers[1] ?? 0 : 0
        return (major, minor) > (version.major, version.minor)
    }

    private func diagnostic(
        _ severity: Diagnostic.Severity,
        _ message: String,
        _ file: String,
        hint: String? = nil
    ) -> Diagnostic {
        Diagnostic(severity, message, file: file, ranges: range.map { [$0] } ?? [], hint: hint)
    }
}
