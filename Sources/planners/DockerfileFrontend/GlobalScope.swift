import DockerfileSyntax
import OCISpec
import Reporting

/// The variables in front of the first FROM: platforms and global arguments.
struct GlobalScope {
    /// All values by name.
    private(set) var values: [String: String]
    /// The same without build arguments: what the file alone says.
    private(set) var defaults: [String: String]
    /// The names that the file declares.
    private(set) var declared: Set<String> = []
    /// The same with what they are for, by name.
    private(set) var arguments: [String: ArgumentLedger.Entry] = [:]

    /// The proxies that every instruction knows.
    static let proxyNames: Set<String> = {
        let names = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"]
        return Set(names + names.map { $0.lowercased() })
    }()

    /// Arguments that set the build up and are never a program's variables.
    static let settingNames: Set<String> = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"]

    init(_ dockerfile: Dockerfile, _ options: FrontendOptions, _ findings: inout FindingCollector) {
        defaults = Self.platformValues(options, lastStage: dockerfile.stages.last?.name)
        values = defaults
        // Platforms can be said otherwise by build arguments.
        for name in defaults.keys { values[name] = options.buildArguments[name] ?? values[name] }
        let expander = WordExpander(escape: dockerfile.directives.escape)
        for instruction in dockerfile.globalArguments {
            guard case .arg(let assignments) = instruction.kind else { continue }
            for assignment in assignments {
                let name = assignment.name.text
                declared.insert(name)
                var needs: Set<String> = []
                do throws(ExpansionError) {
                    if let value = assignment.value {
                        defaults[name] = try expander.expand(value.text) { defaults[$0] }.text
                        let expansion = try expander.expand(value.text) { values[$0] }
                        values[name] = expansion.text
                        needs = expansion.used
                    }
                } catch {
                    findings.error(error.description, at: assignment.range)
                }
                if let given = options.buildArguments[name] {
                    values[name] = given
                    needs = []
                }
                let argument = BuildOutline.Argument(
                    name: name,
                    description: instruction.comment(on: name) ?? "",
                    value: values[name] ?? "",
                    range: instruction.range
                )
                arguments[name] = ArgumentLedger.Entry(argument: argument, needs: needs)
            }
        }
    }

    private static func platformValues(_ options: FrontendOptions, lastStage: String?) -> [String: String] {
        var values: [String: String] = [:]
        for (prefix, platform) in [("TARGET", options.targetPlatform), ("BUILD", options.buildPlatform)] {
            values["\(prefix)PLATFORM"] = platform.description
            values["\(prefix)OS"] = platform.os
            values["\(prefix)ARCH"] = platform.architecture
            values["\(prefix)VARIANT"] = platform.variant ?? ""
            values["\(prefix)OSVERSION"] = platform.osVersion ?? ""
        }
        values["TARGETSTAGE"] = options.target ?? lastStage ?? "default"
        return values
    }
}

/// Collects what is wrong and what could be better.
struct FindingCollector {
    let file: String
    private(set) var all: [Diagnostic] = []
    private var known: Set<Diagnostic> = []

    init(file: String) {
        self.file = file
    }

    mutating func error(_ message: String, at range: SourceRange, hint: String? = nil) {
        let diagnostic = Diagnostic(.error, message, file: file, ranges: [range], hint: hint)
        if known.insert(diagnostic).inserted { all.append(diagnostic) }
    }

    mutating func warn(_ rule: LintRule, _ message: String, at range: SourceRange, hint: String? = nil) {
        var diagnostic = rule.finding(message, at: range, file: file)
        diagnostic.hint = hint
        if known.insert(diagnostic).inserted { all.append(diagnostic) }
    }

    mutating func add(_ diagnostics: [Diagnostic]) {
        all += diagnostics
    }

    var errors: [Diagnostic] { all.filter { $0.severity == .error } }

    var warnings: [Diagnostic] { all.filter { $0.severity == .warning } }
}

extension Dockerfile {
    /// What the checks found, those that need no variables included, in the order of the file.
    func findings(_ found: FindingCollector) -> [Diagnostic] { (warnings + allowed(found.warnings)).sortedByPlace }

    /// Everything that is wrong, with what the checks found.
    func failure(_ found: FindingCollector) -> DiagnosticsError {
        DiagnosticsError((found.errors + findings(found)).sortedByPlace)
    }
}
