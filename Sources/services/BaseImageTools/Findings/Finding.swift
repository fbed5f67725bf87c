package import LinuxSystem

/// One thing that a root file system lacks, or that is wrong in it, with the way to mend it.
package struct Finding: Sendable, Hashable {
    package var code: FindingCode
    /// What it is about: a path in the image, or a part of its configuration (`USER app`).
    package var subject: String
    /// What is wrong with the subject, as a sentence without it: `needs /lib64/ld-linux-x86-64.so.2, which isn't there`.
    package var message: String
    /// How the subject came into it, from the command on: `/app.sh runs /bin/sh`.
    package var chain: [String]
    /// Lines for a Dockerfile, and comments between them.
    package var cure: [String]
    /// The paths that it is about: what stands there in a container may be something else, when it is mounted over.
    package var paths: [PathBytes]

    package init(
        _ code: FindingCode,
        _ subject: String,
        _ message: String,
        chain: [String] = [],
        cure: [String] = [],
        paths: [PathBytes] = []
    ) {
        self.code = code
        self.subject = subject
        self.message = message
        self.chain = chain
        self.cure = cure
        self.paths = paths
    }

    package var severity: Severity { code.severity }

    /// The same under another code.
    func with(_ code: FindingCode) -> Finding {
        var finding = self
        finding.code = code
        return finding
    }

    /// Subject and message in one line.
    package var line: String { "\(subject) \(message)" }
}
