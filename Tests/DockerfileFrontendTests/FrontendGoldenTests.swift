import DockerfileFrontend
import DockerfileSyntax
import OCISpec
import Reporting
import SocleTesting
import Testing

/// Every folder below `Tests/Golden/dockerfile` whose Dockerfile can be read has the plan of its build, or what is wrong.
///
/// `options.txt`, where there is one, says what the command line would: `arg NAME=value`, `label NAME=value`,
/// `context NAME=VALUE`, `target NAME`, `platform P`, `no-cache`, `no-cache-filter STAGE`. `bases.json` has the configs of images by their
/// references; an image that isn't there is like busybox.
@Suite struct FrontendGoldenTests {
    @Test(arguments: Golden.cases("dockerfile"))
    func planOrErrors(_ name: String) throws {
        let bytes = try #require(try Golden.bytes("dockerfile/\(name)/Dockerfile"))
        // What can't be read is a case of the syntax alone.
        guard let dockerfile = try? Dockerfile(parsing: bytes) else { return }
        do {
            let options = try Self.options(Golden.text("dockerfile/\(name)/options.txt") ?? "")
            let survey = try Frontend.survey(dockerfile, options)
            let build = try Self.lower(survey, known: Self.bases("dockerfile/\(name)"))
            try Golden.expect("\(survey)\n\(build)", "dockerfile/\(name)/graph.txt")
            #expect(try Golden.text("dockerfile/\(name)/error.txt") == nil, "what can be built has no errors")
        } catch let error as DiagnosticsError {
            let excerpt = SourceExcerpt(of: bytes)
            let text = error.diagnostics.filter { $0.severity == .error }.map { diagnostic in
                [
                    excerpt.render(diagnostic.ranges), "ERROR: \(diagnostic.message)",
                    diagnostic.hint.map { "hint: \($0)" },
                ].compactMap { $0 }.joined(separator: "\n")
            }
            try Golden.expect(text.joined(separator: "\n\n") + "\n", "dockerfile/\(name)/error.txt")
            #expect(try Golden.text("dockerfile/\(name)/graph.txt") == nil, "what can't be built has no plan")
        }
    }

    /// Asks for configs until none is missing, as a build does.
    static func lower(
        _ survey: Survey,
        known: [String: ImageConfig],
        absent: Set<String> = []
    ) throws -> LoweredBuild {
        var bases: [BaseReference: ImageConfig] = [:]
        var missing: Set<BaseReference> = []
        var wanted = survey.baseReferences
        for _ in 0..<10 {
            for base in wanted {
                let name = base.reference.familiar
                if absent.contains(name) {
                    missing.insert(base)
                } else {
                    bases[base] = known[name] ?? busybox(base.platform)
                }
            }
            switch try Frontend.lower(survey, bases: bases, absent: missing) {
            case .lowered(let build): return build
            case .needs(let more):
                #expect(more.allSatisfy { bases[$0] == nil }, "nothing is asked for twice")
                wanted = more
            }
        }
        throw PlainFailure(.internal, "the frontend keeps asking")
    }

    static func busybox(_ platform: Platform) -> ImageConfig {
        var config = ContainerConfig()
        config.env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        config.cmd = ["sh"]
        var image = ImageConfig(platform: platform, config: config)
        image.history = [History(created: "2024-01-01T00:00:00Z", createdBy: "BusyBox 1.36.1 (glibc)")]
        return image
    }

    static func bases(_ name: String) throws -> [String: ImageConfig] {
        guard let bytes = try Golden.bytes("\(name)/bases.json") else { return [:] }
        return try JSON.decode([String: ImageConfig].self, from: bytes)
    }

    /// A named context as `name=value`: a folder, an image, an address.
    private static func context(_ text: String) throws -> NamedContext {
        if text == "docker-image://scratch" { return .scratch }
        if text.hasPrefix("docker-image://") {
            return .image(try ImageReference(String(text.dropFirst(15))).withDefaultTag)
        }
        switch try RemoteSource(text, in: .context) {
        case .git(let operation): return .git(operation)
        case .http(let operation): return .http(operation)
        case nil: return .folder
        }
    }

    static func options(_ text: String) throws -> FrontendOptions {
        let amd64 = Platform(os: "linux", architecture: "amd64")
        var options = FrontendOptions(targetPlatform: amd64, buildPlatform: amd64)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            let value = parts.count > 1 ? parts[1] : ""
            let pair = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch parts[0] {
            case "arg": options.buildArguments[pair[0]] = pair.count > 1 ? pair[1] : ""
            case "context": try options.contexts.add(pair[0], context(pair.count > 1 ? pair[1] : ""))
            case "label": options.labels[pair[0]] = pair.count > 1 ? pair[1] : ""
            case "target": options.target = value
            case "platform": options.targetPlatform = try Platform(parsing: value)
            case "no-cache": options.noCache = true
            case "no-cache-filter": options.noCacheFilter.insert(value)
            default: throw PlainFailure(.invalidArgument, "options.txt: \(line)")
            }
        }
        return options
    }
}
