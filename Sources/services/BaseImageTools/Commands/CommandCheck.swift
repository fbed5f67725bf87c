import ELFFormat
import LinuxSystem
import OCISpec
import Reporting

/// Starts commands in thought, as the kernel and the loaders would, and says why they don't start.
struct CommandCheck {
    let root: ImageRoot
    let settings: CommandSettings
    let libraries: LibraryCheck

    /// What is being started, and how one came to it.
    struct Step {
        var entry: ImageRoot.Entry
        /// As the one before named it.
        var name: String
        var arguments: [String]
        var scripts: [ImageRoot.Entry] = []
        var chain: [String] = []
    }

    /// The kernel goes no deeper.
    private static let scriptLimit = 5

    /// Starts `arguments`; `words` are what the user wrote it with (`CMD`, `ENTRYPOINT`, `HEALTHCHECK`).
    func start(_ arguments: [String], as words: String) throws -> Execution {
        guard let name = arguments.first, !name.isEmpty else {
            return .fails([Finding(.notFound, words, "has an empty name of a program")])
        }
        let chain = ["\(words) runs \(name)"]
        switch try lookUp(name) {
        case .found(let entry):
            return try run(Step(entry: entry, name: name, arguments: arguments, chain: chain))
        case .fails(let path, let reason): return .fails([absent(name, path, reason, arguments, words)])
        }
    }

    enum Lookup {
        case found(ImageRoot.Entry)
        /// What was looked at last, and what to say of it.
        case fails(PathBytes?, String)
    }

    /// What a name means: a path, or a program on `PATH`.
    func lookUp(_ name: String) throws(SystemError) -> Lookup {
        if name.contains("/") {
            let path = settings.absolute(name)
            if let entry = try root.find(path) { return .found(entry) }
            return .fails(path, "isn't in the image")
        }
        var refused: ImageRoot.Entry?
        for directory in settings.searchPath {
            let path = settings.absolute(LibrarySearch.join(directory, name))
            guard let entry = try root.find(path), entry.kind != .directory else { continue }
            if settings.mayExecute(entry) { return .found(entry) }
            refused = refused ?? entry
        }
        if let refused { return .fails(refused.path, "is not executable, and nothing else on PATH has the name") }
        return .fails(nil, "is in no directory of PATH (\(settings.searchPath.joined(separator: ":")))")
    }

    private func absent(
        _ name: String,
        _ path: PathBytes?,
        _ reason: String,
        _ arguments: [String],
        _ words: String
    ) -> Finding {
        let paths = path.map { [$0] } ?? settings.searchPath.map { PathBytes("\($0)/\(name)") }
        if arguments.count > 1, arguments.starts(with: settings.shell) {
            return Finding(
                .shellForm,
                words,
                "is in shell form, and the image has no \(name)",
                chain: ["the command is: \(arguments.dropFirst(settings.shell.count).joined(separator: " "))"],
                cure: CureLines.execForm(arguments.dropFirst(settings.shell.count).first ?? "", words),
                paths: paths
            )
        }
        let nearest = Suggestion.nearest(
            to: name.split(separator: "/").last.map(String.init) ?? name,
            among: near(path)
        )
        return Finding(
            .notFound,
            name,
            reason,
            chain: ["\(words) names it"] + (nearest.map { ["there is \"\($0)\""] } ?? []),
            cure: CureLines.absentProgram(name, words, root),
            paths: paths
        )
    }

    /// The names beside a path that isn't there, or those on `PATH`.
    private func near(_ path: PathBytes?) -> [String] {
        let folders = path.map { [$0.parent] } ?? settings.searchPath.map { PathBytes($0) }
        // Names that can't be read aren't suggested.
        return folders.flatMap { ((try? root.names(in: $0)) ?? []).map(\.description) }
    }

    // MARK: - Files

    func run(_ step: Step) throws -> Execution {
        if let finding = try refusal(step) { return .fails([finding]) }
        let head = try root.head(of: step.entry, count: ScriptLine.readSize)
        if head.starts(with: [0x7f, 0x45, 0x4c, 0x46]) { return try libraries.start(step, settings) }
        if let line = ScriptLine(head) { return try run(line, step) }
        return .fails([
            Finding(
                .notAProgram,
                step.name,
                head.isEmpty ? "is an empty file" : "is neither a program nor a script with a first line \"#!…\"",
                chain: step.chain,
                cure: head.isEmpty ? [] : ["RUN sed -i '1i #!/bin/sh' \(step.entry.path)"],
                paths: [step.entry.path]
            )
        ])
    }

    /// What the kernel says to files that it doesn't even open.
    private func refusal(_ step: Step) throws -> Finding? {
        func finding(_ code: FindingCode, _ message: String, _ cure: [String] = []) -> Finding {
            Finding(code, step.name, message, chain: step.chain, cure: cure, paths: [step.entry.path])
        }
        if step.entry.kind == .directory { return finding(.isDirectory, "is a directory") }
        guard step.entry.kind == .file else { return finding(.notExecutable, "is no regular file") }
        let who = settings.user.uid == 0 ? "anybody" : "user \(settings.user.uid)"
        guard settings.mayExecute(step.entry) else {
            return finding(
                .notExecutable,
                "is not executable for \(who) (mode \(String(step.entry.mode, radix: 8)))",
                CureLines.executable(step.entry.path)
            )
        }
        var folder = step.entry.path.parent
        while let entry = try root.find(folder), folder != "/" {
            if !settings.mayExecute(entry) {
                return finding(
                    .notExecutable,
                    "is in \(folder), which \(who) can't enter (mode \(String(entry.mode, radix: 8)))",
                    ["RUN chmod a+x \(folder)"]
                )
            }
            folder = folder.parent
        }
        return nil
    }

    // MARK: - Scripts

    private func run(_ line: ScriptLine, _ step: Step) throws -> Execution {
        func fails(_ code: FindingCode, _ message: String, _ cure: [String], _ paths: [PathBytes] = []) -> Execution {
            .fails([
                Finding(
                    code,
                    step.name,
                    message,
                    chain: step.chain,
                    cure: cure,
                    paths: [step.entry.path] + paths
                )
            ])
        }
        if line.hasCarriageReturn {
            return fails(
                .carriageReturn,
                "has lines that end as Windows ends them: the kernel looks for \"\(line.interpreter.filter { $0 != "\r" })\\r\"",
                ["RUN sed -i 's/\\r$//' \(step.entry.path)", "# or in .gitattributes: *.sh text eol=lf"]
            )
        }
        if line.isRefused { return fails(.notAProgram, "begins with \"#!\" and names no program", []) }
        if step.scripts.count >= Self.scriptLimit {
            return fails(.shebang, "is a script of a script of a script, and so on", [])
        }
        let path = settings.absolute(line.interpreter)
        guard let entry = try root.find(path) else {
            return fails(
                .shebang,
                "is a script for \(line.interpreter), which isn't in the image",
                CureLines.interpreter(line.interpreter, root),
                [path]
            )
        }
        var next = Step(
            entry: entry,
            name: line.interpreter,
            arguments: [line.interpreter] + [line.argument].compactMap(\.self) + [step.name]
                + step.arguments.dropFirst()
        )
        next.scripts = step.scripts + [step.entry]
        next.chain = step.chain + ["\(step.name) is a script for \(line.interpreter)"]
        let execution = try run(next)
        guard case .runs = execution, let wanted = line.searchedProgram else { return execution }
        return try search(wanted, line, next, fails)
    }

    /// What `env` looks up and starts.
    private func search(
        _ wanted: String,
        _ line: ScriptLine,
        _ step: Step,
        _ fails: (FindingCode, String, [String], [PathBytes]) -> Execution
    ) throws -> Execution {
        guard case .found(let entry) = try lookUp(wanted) else {
            return fails(
                .shebang,
                "is a script for \"\(wanted)\", which \(line.interpreter) finds in no directory of PATH",
                CureLines.interpreter(wanted, root),
                settings.searchPath.map { PathBytes("\($0)/\(wanted)") }
            )
        }
        var next = step
        next.entry = entry
        next.name = wanted
        next.arguments = [wanted] + step.arguments.dropFirst(line.argument == nil ? 1 : 2)
        next.chain = step.chain + ["\(line.interpreter) runs \(wanted)"]
        return try run(next)
    }
}
