import ImageManagement
import OCISpec
import Reporting
import SocleEngine
import SystemPackage

/// `socle image validate`: whether images are whole, in the store, in an OCI layout or in an archive.
struct ValidateImagesCommand: Command {
    static let usage = Usage(
        "IMAGE|PATH [IMAGE|PATH...]",
        1...Usage.many,
        "Verify every blob of images, OCI layouts and image archives"
    )
    static var flags: [Flag<Self>] {
        Flag.value("format", \.format, "Format output: 'json' or a Go template")
        Flag.toggle("quiet", short: "q", \.quiet, "Only tell what is wrong")
    }
    var operands: [String] = []
    var format: String?
    var quiet = false

    func run(in session: Session) throws -> ExitCode {
        let template = try format.flatMap { $0.isEmpty ? nil : $0 }.map { text throws(TemplateError) in
            try Template(text == "json" ? "{{json .}}" : text)
        }
        let engine = try session.engine()
        var isSound = true
        let code = Each.do(operands, Self.errorStyle, session) { name in
            let report = try Self.report(name, engine)
            if !report.isSound { isSound = false }
            if let template {
                session.output.print(try template.render(TemplateValue(Self.document(name, report))))
            } else {
                session.output.write(text(name, report))
            }
        }
        return code == .success && !isSound ? .failure : code
    }

    /// What looks like a path is one; another word is an image, and a path if there is no such image.
    private static func report(_ name: String, _ engine: Engine) throws -> ValidationReport {
        if name.hasPrefix("/") || name.hasPrefix("./") || name.hasPrefix("../") || name == "." {
            return try engine.validate(path: FilePath(name))
        }
        do { return try engine.validateImage(name) } catch let failure as any Failure {
            let isNoImage = failure.kind == .notFound || failure.kind == .invalidArgument
            guard isNoImage, (try? FileDescriptor.open(FilePath(name), .readOnly).close()) != nil else { throw failure }
            return try engine.validate(path: FilePath(name))
        }
    }

    private func text(_ name: String, _ report: ValidationReport) -> String {
        var text = ""
        if !quiet {
            let verdict = report.isSound ? "sound" : "\(report.findings.count) problems"
            let size = HumanSize.decimal(report.bytes, digits: 4)
            text += "\(name): \(report.images) images, \(report.blobs) blobs (\(size)): \(verdict)\n"
            text += report.notes.map { "  note: \($0)\n" }.joined()
        }
        return text + report.findings.map { "  \($0.subject): \($0.problem)\n" }.joined()
    }

    private static func document(_ name: String, _ report: ValidationReport) -> JSONValue {
        [
            "Name": .string(name), "Sound": .bool(report.isSound), "Images": .integer(Int64(report.images)),
            "Blobs": .integer(Int64(report.blobs)), "Bytes": .integer(report.bytes),
            "Findings": .array(
                report.findings.map { ["Subject": .string($0.subject), "Problem": .string($0.problem)] }
            ),
            "Notes": JSONValue(strings: report.notes),
        ]
    }
}
