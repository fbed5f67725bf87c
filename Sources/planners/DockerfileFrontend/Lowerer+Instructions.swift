import BuildDefinition
import DockerfileSyntax
import OCISpec
import Reporting

extension Lowerer {
    /// What one instruction does to its stage.
    mutating func apply(_ instruction: Instruction, to state: inout StageState) throws(InstructionError) {
        switch instruction.kind {
        case .from: break
        case .arg(let assignments): try arg(assignments, instruction, &state)
        case .env(let assignments): try env(assignments, &state)
        case .label(let assignments): try label(assignments, &state)
        case .run(let run): try self.run(run, instruction, &state)
        case .copy(let copy): try self.copy(copy, instruction, isAdd: false, &state)
        case .add(let copy): try self.copy(copy, instruction, isAdd: true, &state)
        case .cmd(let command):
            let arguments = command.arguments(shell: state.shell)
            state.config.cmd = arguments
            state.config.argsEscaped = true
            state.setsCommand = true
            state.record("CMD \(arguments.quotedList)")
        case .entrypoint(let command):
            let arguments = command.arguments(shell: state.shell)
            state.config.entrypoint = arguments.isEmpty ? nil : arguments
            if !state.setsCommand { state.config.cmd = nil }
            state.record("ENTRYPOINT \(arguments.quotedList)")
        case .shell(let words):
            state.config.shell = words.map(\.text)
            state.record("SHELL \(words.map(\.text).plainList)")
        case .workdir(let path): try workdir(path, instruction, &state)
        case .user(let user):
            state.config.user = try expand(user, &state)
            state.record("USER \(state.config.user)")
        case .volume(let words): try volume(words, &state)
        case .expose(let words): try expose(words, instruction, &state)
        case .stopsignal(let word):
            let signal = try expand(word, &state)
            guard StopSignal.isValid(signal) else {
                throw InstructionError(
                    "invalid signal: \(signal)",
                    at: word.range,
                    hint: "a signal is its name, such as SIGTERM, or its number"
                )
            }
            state.config.stopSignal = signal
            state.record("STOPSIGNAL \(signal)")
        case .healthcheck(let healthcheck):
            let config = Healthcheck(healthcheck)
            state.config.healthcheck = config
            state.record("HEALTHCHECK \(config.historyText)")
        case .onbuild(let onbuild): state.config.onBuild.append(onbuild.trigger)
        case .maintainer(let author):
            state.image.author = author.text
            state.record("MAINTAINER \(author)")
        }
    }

    // MARK: - Variables

    /// A word with its variables resolved, with a finding for each that nobody set.
    mutating func expand(_ word: Word, _ state: inout StageState) throws(InstructionError) -> String {
        try expansion(of: word, with: expander, &state).text
    }

    mutating func expansion(of word: Word, with expander: WordExpander, _ state: inout StageState)
        throws(InstructionError) -> WordExpander.Expansion
    {
        do {
            let expansion = try expander.expand(word.text) { state.value(of: $0) }
            for name in expansion.missing { noteMissing(name, at: currentRange ?? word.range, state) }
            return expansion
        } catch {
            throw InstructionError(error.description, at: word.range, hint: error.hint)
        }
    }

    private mutating func noteMissing(_ name: String, at range: SourceRange, _ state: StageState) {
        let isDeclared = state.arguments.contains { $0.name == name }
        guard !isDeclared, !state.hasUnknownBase, !GlobalScope.settingNames.contains(name),
            !GlobalScope.proxyNames.contains(name),
            name.contains(where: { $0.isLetter || $0 == "_" })
        else { return }
        let near = Suggestion.nearest(to: name, among: state.knownNames)
        let hint =
            reach.scope.values[name] != nil
            ? "\(name) is known in front of the first FROM; add ARG \(name) to this stage to use it here" : nil
        findings.warn(
            .undefinedVar,
            "Usage of undefined variable '$\(name)'" + (near.map { " (did you mean $\($0)?)" } ?? ""),
            at: range,
            hint: hint
        )
    }

    private mutating func arg(_ assignments: [Assignment], _ instruction: Instruction, _ state: inout StageState)
        throws(InstructionError)
    {
        var words: [String] = []
        for assignment in assignments {
            let name = try expand(assignment.name, &state)
            var value: String?
            if let given = options.buildArguments[name] {
                value = given
            } else if let written = assignment.value {
                value = try expand(written, &state)
            } else {
                value = reach.scope.values[name]
            }
            state.declare(name, value)
            note(assignment, named: name, value: value, in: instruction, state.stage)
            words.append(value.map { "\(name)=\($0)" } ?? name)
        }
        state.record("ARG \(words.joined(separator: " "))")
    }

    /// Names and values, all with the variables as they were before the instruction.
    private mutating func pairs(_ assignments: [Assignment], _ state: inout StageState) throws(InstructionError)
        -> [(name: String, value: String)]
    {
        var pairs: [(name: String, value: String)] = []
        for assignment in assignments {
            let name = try expand(assignment.name, &state)
            let value = try assignment.value.map { (word) throws(InstructionError) in try expand(word, &state) }
            pairs.append((name, value ?? ""))
        }
        return pairs
    }

    private mutating func env(_ assignments: [Assignment], _ state: inout StageState) throws(InstructionError) {
        let pairs = try pairs(assignments, &state)
        for (name, value) in pairs { state.setEnvironment(name, value) }
        state.record("ENV \(pairs.map { "\($0.name)=\($0.value)" }.joined(separator: " "))")
    }

    private mutating func label(_ assignments: [Assignment], _ state: inout StageState) throws(InstructionError) {
        let pairs = try pairs(assignments, &state)
        for (name, value) in pairs { state.config.labels[name] = value }
        state.record("LABEL \(pairs.map { "\($0.name)=\($0.value)" }.joined(separator: " "))")
    }

    // MARK: - Config

    private mutating func volume(_ words: [Word], _ state: inout StageState) throws(InstructionError) {
        var paths: [String] = []
        for word in words {
            let path = try expand(word, &state)
            guard !path.isEmpty else {
                throw InstructionError("VOLUME specified can not be an empty string", at: word.range)
            }
            paths.append(path)
        }
        state.config.volumes.formUnion(paths)
        state.record("VOLUME \(paths.plainList)")
    }

    private mutating func expose(_ words: [Word], _ instruction: Instruction, _ state: inout StageState)
        throws(InstructionError)
    {
        var ports: Set<String> = []
        for word in words {
            // Here alone a variable may hold several words.
            for text in try expansion(of: word, with: expander, &state).words {
                do {
                    let port = try PortSpecification(text)
                    checkPort(text, port, at: instruction.range)
                    ports.formUnion(port.ports)
                } catch {
                    throw InstructionError(error.description, at: word.range, hint: error.hint)
                }
            }
        }
        state.config.exposedPorts.formUnion(ports)
        state.record("EXPOSE \(ports.sorted().plainList)")
    }

    private mutating func workdir(_ word: Word, _ instruction: Instruction, _ state: inout StageState)
        throws(InstructionError)
    {
        let path = try expand(word, &state)
        if !path.hasPrefix("/"), !state.hasWorkdir {
            findings.warn(
                .workdirRelativePath,
                "Relative workdir \(path.goQuoted) can have unexpected results if the base image changes",
                at: instruction.range
            )
        }
        // Who mends the first one has mended those after it.
        state.hasWorkdir = true
        let directory = CleanPath.join("/" + state.config.workingDir, path)
        state.config.workingDir = directory
        let title = state.title(stepText(instruction, state), isOnlyStage: isOnlyStage)
        guard directory != "/" else { return state.record("WORKDIR \(directory)") }
        let owner = state.config.user.isEmpty ? nil : state.config.user
        let edge = graph.add(
            .file(FileOperation(actions: [.makeDirectory(MakeDirectoryAction(path: directory, owner: owner))])),
            inputs: [state.edge],
            title: title,
            range: instruction.range,
            ignoresCache: ignoresCache(state)
        )
        state.edge = edge
        state.record("WORKDIR \(directory)", vertex: edge.vertex)
    }

    /// An instruction as a step's title has it: upper case, with what is known of its variables.
    func stepText(_ instruction: Instruction, _ state: StageState) -> String {
        var shown = expander
        // A command is shown as the shell will see it, as far as that is known; what others say as they take it.
        if case .run = instruction.kind {
            shown.keepsQuotes = true
            shown.keepsUnset = true
        }
        // A title that can't be expanded is shown as it was written.
        let text = (try? shown.expand(instruction.text) { state.value(of: $0) }.text) ?? instruction.text
        let rest = text.drop { !$0.isWhitespace }
        guard instruction.name == "ADD" else { return instruction.name + rest.oneLine }
        let words = rest.oneLine.split(separator: " ", omittingEmptySubsequences: false)
        return instruction.name + words.map { ShownAddress.hidingCredentials(String($0)) }.joined(separator: " ")
    }
}

extension Substring {
    /// Without line breaks, which a title can't have.
    fileprivate var oneLine: String { split(whereSeparator: \.isNewline).joined(separator: " ") }
}
