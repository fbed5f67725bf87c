import BaseImageTools
import OCISpec

/// Findings as people and programs read them.
enum CheckText {
    /// Everything about one image, one paragraph a finding.
    static func report(_ subject: CheckImagesCommand.Subject) -> String {
        let report = subject.report
        let id = subject.id.map { " (\($0.hex.prefix(12)))" } ?? ""
        var text = "\(subject.name)\(id): \(verdict(report))\n"
        for finding in report.findings {
            text += "\n\(finding.code.rawValue)  \(finding.line)\n"
            if let symptom = finding.code.symptom { text += "    what is seen: \(symptom)\n" }
            for reason in finding.chain { text += "    \(reason)\n" }
            for line in finding.cure { text += "        \(line)\n" }
        }
        return text
    }

    private static func verdict(_ report: ImageVerdict) -> String {
        let scripts = report.scripts > 0 ? ", " + counted(report.scripts, "script") : ""
        if report.findings.isEmpty { return "nothing is missing (\(counted(report.objects, "program"))\(scripts))" }
        let counts = Severity.allCases.reversed().compactMap { severity in
            report.count(severity) == 0 ? nil : counted(report.count(severity), severity.word)
        }
        return counts.joined(separator: ", ")
    }

    private static func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }

    /// What `build` says: one line for what keeps the command from starting, one for what may fail later.
    static func glance(_ findings: [Finding], image: Digest) -> String {
        var text = ""
        for severity in [Severity.error, .warning] {
            let some = findings.filter { $0.severity == severity }
            guard let first = some.first else { continue }
            let more = some.count > 1 ? " (and \(some.count - 1) more)" : ""
            text += "warning: \(first.line)\(more): see socle image check \(image.hex.prefix(12))\n"
        }
        return text
    }

    /// One image's findings as JSON.
    static func document(_ subject: CheckImagesCommand.Subject) -> JSONValue {
        [
            "Name": .string(subject.name), "Id": .string(subject.id?.description ?? ""),
            "Programs": .integer(Int64(subject.report.objects)), "Scripts": .integer(Int64(subject.report.scripts)),
            "Findings": .array(subject.report.findings.map(finding)),
        ]
    }

    private static func finding(_ finding: Finding) -> JSONValue {
        [
            "Code": .string(finding.code.rawValue), "Severity": .string(finding.severity.word),
            "Subject": .string(finding.subject), "Message": .string(finding.message),
            "Symptom": .string(finding.code.symptom ?? ""), "Chain": JSONValue(strings: finding.chain),
            "Cure": JSONValue(strings: finding.cure),
        ]
    }
}
