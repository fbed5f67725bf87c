public import BuildDefinition
public import DockerfileSyntax
public import OCISpec

/// What the caller of a build says besides the Dockerfile.
public struct FrontendOptions: Hashable, Sendable {
    /// `--build-arg`.
    public var buildArguments: [String: String] = [:]
    /// `--target`; nil builds the last stage.
    public var target: String?
    public var targetPlatform: Platform
    public var buildPlatform: Platform
    /// `--label`; they win over the Dockerfile's.
    public var labels: [String: String] = [:]
    /// `--no-cache`: nothing is taken from the cache.
    public var noCache = false
    /// `--no-cache-filter`: the stages that take nothing from the cache.
    public var noCacheFilter: Set<String> = []
    /// `--network`, for RUN instructions that don't say.
    public var network: RunOperation.Network = .default
    /// Whether steps are called by their platform too: where several are built at once.
    public var namesPlatforms = false
    /// What the context's ignore file leaves out, for the check of copies; nil where there is none.
    public var ignored: IgnorePatterns?
    /// `--check` without a target: every stage is planned, needed or not.
    public var plansAllStages = false
    /// `--build-context`: what stands for names of images and stages.
    public var contexts = NamedContexts()
    /// The name of the machine that RUN sees.
    public var hostname = "buildkitsandbox"

    public init(
        targetPlatform: Platform = .host,
        buildPlatform: Platform = .host,
        buildArguments: [String: String] = [:],
        target: String? = nil
    ) {
        self.targetPlatform = targetPlatform
        self.buildPlatform = buildPlatform
        self.buildArguments = buildArguments
        self.target = target
    }
}
