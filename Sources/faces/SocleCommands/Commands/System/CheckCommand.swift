import ImageManagement
import OCISpec
import SocleEngine

/// `socle system check`: reads every blob and says what is damaged.
struct CheckCommand: Command {
    static let usage = Usage("", 0...0, "Verify every blob of the store")
    static let flags: [Flag<Self>] = [.toggle("quiet", short: "q", \.quiet, "Only tell what is damaged")]
    var operands: [String] = []
    var quiet = false

    func run(in session: Session) throws -> ExitCode {
        let mode: ProgressMode = quiet || !Terminal.isTerminal(2) ? .quiet : .tty
        let report = try session.withProgress(mode, verb: "Checking") { feed in
            try session.engine().check(progress: feed.sink)
        }
        for finding in report.findings {
            session.output.print("\(finding.digest): \(finding.problem)")
            for image in finding.images { session.output.print("  needed by \(image)") }
        }
        if !quiet {
            session.output.print(
                "\(report.blobs) blobs (\(HumanSize.decimal(report.bytes, digits: 4))) and \(report.images) images checked: "
                    + (report.isSound ? "all sound" : "\(report.findings.count) damaged")
            )
        }
        return report.isSound ? .success : .failure
    }
}
