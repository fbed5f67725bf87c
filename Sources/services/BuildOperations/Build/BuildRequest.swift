package import ByteStreams
import DockerfileSyntax
package import OCISpec
package import SystemPackage

/// What a user asks of a build: the flags of `build`, after their grammars were parsed.
package struct BuildRequest {
    /// Where the build's files are.
    package enum Context {
        case directory(FilePath)
        /// A tar, plain or compressed; or, if it is none, the Dockerfile itself.
        case stream(any ByteSource)
        /// An address: a git repository, or an archive or Dockerfile on the web.
        case remote(String)
    }

    /// Where the Dockerfile is.
    package enum Definition {
        /// `Dockerfile`, else `dockerfile`, at the context's top.
        case standard
        /// A path as the user wrote it: relative to the working directory, or to the top of a context that is a tar.
        case file(FilePath)
        case stream(any ByteSource)
        /// A URL.
        case remote(String)
    }

    package var context: Context
    package var definition: Definition = .standard
    /// `--build-context`.
    package var additional = AdditionalContexts()
    package var tags: [ImageReference] = []
    package var buildArguments: [String: String] = [:]
    package var labels: [String: String] = [:]
    package var target: String?
    /// The platform that is planned for at the moment; a build does so for each of `output.platforms`.
    package var platform: Platform = .host
    package var output = Output()
    package var cache = Cache()
    package var network: Network = .default
    /// What its RUN steps are given.
    package var run = RunSettings()
    /// Seconds since 1970 that nothing which this build makes is younger than.
    package var epoch: Int64?
    /// Whether registries are asked for newer versions of the images that it stands on.
    package var pullsBases = false
    /// Calls the build off when it is cancelled.
    package var cancellation = Cancellation()

    /// What RUN can reach, where the instruction doesn't say.
    package enum Network: String, Sendable, CaseIterable { case `default`, none, host }

    /// What is taken from the cache and what is told about it.
    package struct Cache: Sendable {
        /// Nothing is taken from the cache.
        package var isIgnored = false
        /// The stages that take nothing from the cache.
        package var ignoredStages: [String] = []
        /// Caches of other builds, asked in this order.
        package var imports: [CacheImport] = []
        /// Where the layers of this build go for other builds.
        package var exports: [CacheExport] = []
        /// Hears at the end, of a build that failed too, what became of every step and why; nil doesn't want to know.
        package var explain: (@Sendable ([StepExplanation]) -> Void)?

        package init() {}
    }

    package init(context: Context) { self.context = context }
}

extension BuildRequest {
    /// What a build argument says of the checks; nil where none does.
    var checkSettings: CheckSettings? {
        get throws { try buildArguments[CheckSettings.argumentName].map { try CheckSettings(parsing: $0) } }
    }
}
