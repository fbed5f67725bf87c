package import ContainerRuntime
import LinuxSystem
package import OCISpec
import Reporting
package import SystemPackage

/// Why a program could not be executed, found out after the kernel refused it: the kernel's word for a missing loader is
/// the one for a missing file.
package struct LaunchReason: Sendable, Hashable {
    /// What is wrong.
    package var finding: Finding

    /// Looks into the root that a container had: unpacked layers, the topmost first. nil where nothing of what is known
    /// explains the error.
    ///
    /// Where other file systems were mounted (`mounts`), what the image has there says nothing. `commandName` is what the
    /// command is called: `RUN`, `the command`.
    package init?(config: ContainerConfig, trees: [FilePath], mounts: [String], commandName: String) {
        // The kernel's error is told in any case; one of the search for its reason would only hide it.
        guard let root = try? ImageRoot(trees: trees) else { return nil }
        var check = ImageCheck(
            root,
            config: config,
            platform: .host,
            depth: .headers,
            commandName: commandName
        )
        guard let report = try? check.report(), let first = report.findings.first, first.severity == .error else {
            return nil
        }
        let hidden = mounts.map { PathBytes($0).components }
        let isHidden = first.paths.contains { path in hidden.contains { path.components.starts(with: $0) } }
        if isHidden { return nil }
        let foreign = try? ForeignProgram(first, in: root)
        finding = foreign?.explained(first) ?? first
    }

    /// The reason and the cure, for a hint: several lines.
    package var hint: String {
        ([finding.line + " (\(finding.code.rawValue))"] + finding.cure.map { "  " + $0 }).joined(separator: "\n")
    }
}

extension RuntimeError {
    /// The same error with what was found out, for whoever knows only the kernel's words.
    package func explained(by reason: LaunchReason) -> RuntimeError {
        var error = self
        error.hint = reason.hint
        // The kernel refuses a program that its user may not execute as it refuses one whose interpreter may not be: only
        // the first is Docker's 126.
        if reason.finding.code == .notExecutable, reason.finding.chain.count == 1 {
            error.kind = .forbidden
            error.exitCode = 126
        }
        return error
    }
}
