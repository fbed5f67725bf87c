import BaseImageTools
import ImageManagement
import OCISpec
import Reporting
import SocleEngine
import SystemPackage

/// `socle image check`: what images lack for the commands that they run.
struct CheckImagesCommand: Command {
    static let usage = Usage(
        "IMAGE [IMAGE...] | --rootfs DIR [COMMAND...]",
        0...Usage.many,
        "Find what images lack: loaders, libraries, interpreters, certificates, users"
    )
    static var flags: [Flag<Self>] {
        Flag.toggle(
            "all",
            short: "a",
            \.all,
            "Look at every program, library and script, not only the image's commands"
        )
        Flag.value("format", \.format, "Format output: 'json' or a Go template")
        Flag.toggle("json", \.json, "The same as '--format json'")
        Flag.value("rootfs", \.directory, "Look into a directory instead of an image")
        Flag.toggle("strict", \.strict, "Exit with 1 when there are warnings")
        Flag.toggle("symbols", \.symbols, "Look for every symbol that programs want of libraries")
    }
    var operands: [String] = []
    var all = false
    var format: String?
    var json = false
    var directory: String?
    var strict = false
    var symbols = false

    /// What was looked at.
    struct Subject {
        var name: String
        /// nil for a directory.
        var id: Digest?
        var report: ImageVerdict
    }

    func run(in session: Session) throws -> ExitCode {
        var request = CheckRequest()
        request.isComplete = all
        request.checksSymbols = symbols
        let template = try format.flatMap { $0.isEmpty || $0 == "json" ? nil : $0 }.map { text throws(TemplateError) in
            try Template(text)
        }
        let subjects = try subjects(request, session)
        if let template {
            for subject in subjects {
                session.output.print(try template.render(TemplateValue(CheckText.document(subject))))
            }
        } else if json || format == "json" {
            session.output.print(JSONValue.array(subjects.map(CheckText.document)).serialized(indent: 4))
        } else {
            session.output.write(GoText.visible(subjects.map(CheckText.report).joined(separator: "\n")))
        }
        return exitCode(subjects)
    }

    private func subjects(_ request: CheckRequest, _ session: Session) throws -> [Subject] {
        if let directory {
            if operands.isEmpty, !all {
                throw ArgumentError("--rootfs needs the command that is to run in the directory, or --all")
            }
            let report = try Engine.checkDirectory(FilePath(directory), command: operands, request)
            return [Subject(name: directory, id: nil, report: report)]
        }
        if operands.isEmpty { throw ArgumentError("an image, or --rootfs and a directory, must be given") }
        let engine = try session.engine()
        return try operands.map { name in
            let (image, report) = try engine.checkImage(name, request)
            return Subject(name: name, id: image.id, report: report)
        }
    }

    /// 2 where a command can't start, 1 for warnings where that was asked for.
    private func exitCode(_ subjects: [Subject]) -> ExitCode {
        switch subjects.flatMap(\.report.findings).map(\.severity).max() {
        case .error?: ExitCode(value: 2)
        case .warning? where strict: .failure
        default: .success
        }
    }
}
