package import ByteStreams
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
    package var platform: Platform = .host
    package var ignoresCache = false
    package var network: Network = .default
    /// Seconds since 1970 that nothing which this build makes is younger than.
    package var epoch: Int64?
    /// Calls the build off when it is cancelled.
    package var cancellation = Cancellation()

    /// What RUN can reach, where the instruction doesn't say.
    package enum Network: String, Sendable, CaseIterable { case `default`, none, host }

    package init(context: Context) { self.context = context }
}
