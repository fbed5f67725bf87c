public import Reporting

/// A Dockerfile as the language sees it: arguments for all, then stages.
///
/// Knows the language and nothing of images, contexts or variables' values. Parsing is pure, collects everything that is
/// wrong instead of stopping at the first, and takes any bytes.
public struct Dockerfile: Hashable, Sendable {
    /// The file's name as messages have it.
    public var file: String
    public var directives: Directives
    /// The ARG instructions in front of the first FROM.
    public var globalArguments: [Instruction] = []
    public var stages: [Stage] = []
    /// Which findings of the checks are told.
    public var checks = CheckSettings()
    /// What doesn't keep it from being built: the findings of the checks that need no variables.
    public var warnings: [Diagnostic] = []

    /// No Dockerfile is larger than this.
    public static let maximumSize = 16 << 20
    /// No Dockerfile has more stages than this.
    public static let maximumStageCount = 1000

    /// Reads a Dockerfile; throws everything that is wrong with it at once, with the findings of the checks so far.
    ///
    /// `checks` is what a build argument says of the checks, heard instead of the file's directive.
    public init(
        parsing bytes: [UInt8],
        file: String = "Dockerfile",
        checks: CheckSettings? = nil
    ) throws(DiagnosticsError) {
        self.file = file
        guard bytes.count <= Self.maximumSize else {
            throw DiagnosticsError([
                Diagnostic(.error, "dockerfile is larger than the limit of \(Self.maximumSize) bytes", file: file)
            ])
        }
        guard !bytes.isEmpty else {
            let hint = "a Dockerfile begins with FROM IMAGE or FROM scratch"
            throw DiagnosticsError([Diagnostic(.error, "the Dockerfile cannot be empty", file: file, hint: hint)])
        }
        let lines = SourceLines(bytes)
        var assembler = DockerfileAssembler(lines, file: file)
        assembler.run()
        directives = assembler.directives
        globalArguments = assembler.globalArguments
        stages = assembler.stages
        var errors = assembler.errors
        self.checks = checks ?? settings(&errors)
        warnings = Lint(emptyContinuations: assembler.emptyContinuations).check(self)
        guard errors.isEmpty else { throw DiagnosticsError((errors + warnings).sortedByPlace) }
    }

    /// Reads a Dockerfile from text.
    public init(parsing text: String, file: String = "Dockerfile") throws(DiagnosticsError) {
        try self.init(parsing: Array(text.utf8), file: file)
    }

    /// What the file's own directive says of the checks.
    private func settings(_ errors: inout [Diagnostic]) -> CheckSettings {
        guard let check = directives.check else { return CheckSettings() }
        do throws(PlainFailure) { return try CheckSettings(parsing: check.text) } catch {
            errors.append(
                Diagnostic(.error, error.description, file: file, ranges: [check.range], hint: error.hint)
            )
            return CheckSettings()
        }
    }
}

/// Puts a Dockerfile together from its instructions.
struct DockerfileAssembler {
    private let file: String
    private var reader: LogicalLineReader
    private(set) var directives: Directives
    private(set) var globalArguments: [Instruction] = []
    private(set) var stages: [Stage] = []
    private(set) var errors: [Diagnostic] = []
    private(set) var emptyContinuations: [Int] = []
    /// All instructions in order, where a text is read that isn't a whole Dockerfile.
    private(set) var instructions: [Instruction] = []
    private let isSingle: Bool
    private var sawInstruction = false
    private var saidNoStage = false
    private var saidTooMany = false

    init(_ lines: SourceLines, file: String, isSingle: Bool = false) {
        self.file = file
        self.isSingle = isSingle
        var found: [SyntaxError] = []
        directives = Directives(of: lines, errors: &found)
        reader = LogicalLineReader(lines, escape: directives.escapeByte)
        for error in found { add(error.plain, line: error.range?.start.line ?? 1) }
    }

    mutating func run() {
        var atEnd = false
        while !atEnd {
            do {
                atEnd = try !step()
            } catch {
                // A line that can't be read ends the file: what follows it means nothing any more.
                add(error.plain, line: reader.lineNumber)
                atEnd = true
            }
        }
        if !sawInstruction, errors.isEmpty {
            let hint = "a Dockerfile begins with FROM IMAGE or FROM scratch"
            errors.append(Diagnostic(.error, "file with no instructions", file: file, hint: hint))
        }
    }

    private mutating func step() throws(SyntaxError) -> Bool {
        guard let line = try reader.read() else { return false }
        sawInstruction = true
        if line.hasEmptyLine { emptyContinuations.append(line.lines.upperBound) }
        var statement = Statement(line)
        if statement.takesHeredocs {
            for var heredoc in Heredoc.openings(in: statement.text.bytes[statement.text.all].text) {
                guard let body = try reader.readBody(until: Array(heredoc.name.utf8), dropsTabs: heredoc.dropsTabs)
                else {
                    throw SyntaxError(
                        "unterminated heredoc",
                        at: statement.range,
                        hint: "a line with nothing but \(heredoc.name) has to end it"
                            + (heredoc.dropsTabs
                                ? "; tabs may stand in front of it" : ", without spaces in front of it")
                    )
                }
                heredoc.body = body.bytes[...].text
                heredoc.range = SourceRange(
                    start: SourcePosition(line: body.firstLine),
                    end: SourcePosition(line: reader.lineNumber, column: heredoc.name.utf8.count + 1)
                )
                statement.heredocs.append(heredoc)
            }
        }
        place(statement)
        return true
    }

    private mutating func place(_ statement: Statement) {
        do {
            let kind = try InstructionParser(statement: statement, escape: directives.escapeByte).parse()
            let end = statement.heredocs.last?.range.end ?? statement.range.end
            place(
                Instruction(
                    kind: kind,
                    keyword: statement.keyword,
                    text: statement.original,
                    range: SourceRange(start: statement.range.start, end: end),
                    comments: statement.comments
                )
            )
        } catch {
            // A FROM that can't be read still begins a stage; what follows it isn't wrong because of that.
            if statement.name == "FROM" { saidNoStage = true }
            var explained = error
            explained.hint = error.hint ?? InstructionForm.of(statement.name).map { "it is written \($0)" }
            add(explained, line: statement.lines.lowerBound)
        }
    }

    private mutating func place(_ instruction: Instruction) {
        guard !isSingle else { return instructions.append(instruction) }
        switch instruction.kind {
        case .from where stages.count == Dockerfile.maximumStageCount:
            guard !saidTooMany else { return }
            saidTooMany = true
            let message = "dockerfile has more than \(Dockerfile.maximumStageCount) stages"
            errors.append(Diagnostic(.error, message, file: file, ranges: [instruction.range]))
        case .from(let from):
            stages.append(Stage(index: stages.count, from: from, instruction: instruction))
        case .arg where stages.isEmpty:
            globalArguments.append(instruction)
        default:
            guard stages.isEmpty else { return stages[stages.count - 1].instructions.append(instruction) }
            // Once is enough.
            guard !saidNoStage else { return }
            saidNoStage = true
            errors.append(
                Diagnostic(
                    .error,
                    "no build stage in current context",
                    file: file,
                    ranges: [instruction.range],
                    hint: "only ARG may stand in front of the first FROM; begin with FROM IMAGE or FROM scratch"
                )
            )
        }
    }

    private mutating func add(_ error: SyntaxError, line: Int) {
        let prefix = error.isPlain || isSingle ? "" : "dockerfile parse error on line \(line): "
        let range = error.range ?? SourceRange(start: SourcePosition(line: line), end: SourcePosition(line: line))
        errors.append(Diagnostic(.error, prefix + error.message, file: file, ranges: [range], hint: error.hint))
    }
}
