import ImageManagement
import OCISpec
import Reporting
import SocleEngine

/// `socle image diff`: what is different between two images.
///
/// As with `diff`, the status is 0 where they are alike, 1 where they aren't, and 2 where that couldn't be found out.
struct DiffImagesCommand: Command {
    static let usage = Usage("IMAGE IMAGE", 2...2, "Show what is different between two images")
    static var flags: [Flag<Self>] {
        Flag.value("format", \.format, "Format output: 'json' or a Go template")
        Flag.value("platform", \.platform, "Compare the images for a platform")
        Flag.toggle("quiet", short: "q", \.quiet, "Show nothing, only tell by the exit status")
        Flag.toggle("times", \.comparesTimes, "Compare times of files and images too")
    }
    var operands: [String] = []
    var format: String?
    var platform: PlatformArgument?
    var quiet = false
    var comparesTimes = false

    static let trouble = ExitCode(value: 2)

    func run(in session: Session) throws -> ExitCode {
        do { return try compare(in: session) } catch {
            let report = ErrorTable.report(error, style: Self.errorStyle, path: "")
            session.output.complain(report.text)
            return report.code == .cancelled ? report.code : Self.trouble
        }
    }

    private func compare(in session: Session) throws -> ExitCode {
        let template = try format.flatMap { $0.isEmpty ? nil : $0 }.map { text throws(TemplateError) in
            try Template(text == "json" ? "{{json .}}" : text)
        }
        var options = DiffOptions()
        options.comparesTimes = comparesTimes
        let (first, second, diff) = try session.engine().diffImages(
            operands[0],
            operands[1],
            platform: platform?.platform,
            options
        )
        for note in diff.notes where !quiet { session.output.complain("note: \(note)") }
        if quiet {
            // The status says it.
        } else if let template {
            session.output.print(try template.render(TemplateValue(DiffDocument.value(diff, first.id, second.id))))
        } else {
            session.output.write(DiffText.report(diff, operands[0], operands[1]))
        }
        return diff.isEmpty ? .success : .failure
    }
}
