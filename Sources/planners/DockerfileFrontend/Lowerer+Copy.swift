import BuildDefinition
import DockerfileSyntax
import OCISpec
import Reporting

extension Lowerer {
    /// COPY and ADD: one layer from files of the context, of a stage, of an image, of the web, or of the Dockerfile.
    mutating func copy(_ copy: CopyInstruction, _ instruction: Instruction, isAdd: Bool, _ state: inout StageState)
        throws(InstructionError)
    {
        let options = copy.options
        let destination = try expand(copy.destination, &state)
        let owner = try optional(options.chown, &state)
        if options.link, let owner { try Self.requireNumbers(owner, at: options.chown?.range) }
        let mode = try optional(options.chmod, &state)
        let title = state.title(stepText(instruction, state), isOnlyStage: isOnlyStage)
        var action = CopyAction(
            sources: [],
            destination: Self.place(destination, below: state.config.workingDir),
            owner: owner,
            link: options.link,
            parents: options.parents,
            exclude: options.exclude.map(\.text)
        )
        if let mode {
            guard let change = ModeChange(mode) else {
                throw InstructionError(
                    "invalid chmod parameter: '\(mode)'. it should be octal string and between 0 and 07777",
                    at: options.chmod?.range,
                    hint: "0644 or 755, or letters such as u=rwX,go=rX and a+x"
                )
            }
            action.mode = change
        }
        if isAdd { action.unpack = options.unpack.map { $0 ? .always : .never } ?? .local }

        var inputs: [Edge?] = [state.edge]
        var sources: [String] = []
        for word in copy.sources { sources.append(try expand(word, &state)) }
        if options.from == nil { checkIgnored(sources, instruction, at: instruction.range) }
        try add(sources, of: copy, isAdd: isAdd, to: &action, &inputs, instruction, &state)
        for heredoc in copy.heredocs {
            let bytes = try body(of: heredoc, &state)
            action.sources.append(.inline(name: heredoc.name, bytes: Array(bytes.utf8)))
        }

        let edge = graph.add(
            .file(FileOperation(actions: [.copy(action)])),
            inputs: inputs,
            title: title,
            range: instruction.range,
            ignoresCache: ignoresCache(state)
        )
        state.edge = edge
        var words = [isAdd ? "ADD" : "COPY"]
        if options.parents { words.append("--parents") }
        if let owner, !owner.isEmpty { words.append("--chown=\(owner)") }
        if let mode { words.append("--chmod=\(mode)") }
        words += sources.map(ShownAddress.hidingCredentials) + copy.heredocs.map { "<<\($0.name)" } + [destination]
        state.record(words.joined(separator: " ") + " # buildkit", vertex: edge.vertex)
    }

    /// With `--link` nobody looks into the file system below, where the names are.
    private static func requireNumbers(_ owner: String, at range: SourceRange?) throws(InstructionError) {
        let parts = owner.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first(where: { !$0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else { return }
        throw InstructionError(
            "invalid user index: --chown=\(owner) names \(String(name).goQuoted), and --link can't look up names",
            at: range,
            hint: "write numbers, such as --chown=1000:1000, or leave --link out"
        )
    }

    private mutating func optional(_ word: Word?, _ state: inout StageState) throws(InstructionError) -> String? {
        guard let word else { return nil }
        let text = try expand(word, &state)
        return text.isEmpty ? nil : text
    }

    /// A destination seen from the working directory; one that says it is a directory ends in a slash.
    static func place(_ destination: String, below directory: String) -> String {
        let path = CleanPath.join("/" + directory, destination)
        let isDirectory =
            destination.isEmpty || destination == "." || destination.hasSuffix("/") || destination.hasSuffix("/.")
        return isDirectory && path != "/" ? path + "/" : path
    }

    /// The body of a heredoc, with variables unless its name was quoted.
    private mutating func body(of heredoc: Heredoc, _ state: inout StageState) throws(InstructionError) -> String {
        guard heredoc.expands else { return heredoc.content }
        let word = Word(heredoc.content, range: heredoc.range)
        return try expansion(of: word, with: .body(escape: dockerfile.directives.escape), &state).text
    }

    /// Adds paths of one input, or addresses with an input each.
    private mutating func add(
        _ sources: [String],
        of copy: CopyInstruction,
        isAdd: Bool,
        to action: inout CopyAction,
        _ inputs: inout [Edge?],
        _ instruction: Instruction,
        _ state: inout StageState
    ) throws(InstructionError) {
        let options = copy.options
        if options.checksum != nil, sources.count + copy.heredocs.count != 1 {
            throw InstructionError("checksum can't be specified for multiple sources", at: options.checksum?.range)
        }
        let checksum = try optional(options.checksum, &state)
        var paths: [String] = []
        for (source, word) in zip(sources, copy.sources) {
            guard let remote = try Self.remote(source, at: word.range) else {
                guard checksum == nil else {
                    throw InstructionError(
                        "checksum can't be specified for non-HTTP(S) sources",
                        at: options.checksum?.range
                    )
                }
                guard (try? SourcePattern(source, crossing: options.parents)) != nil else {
                    throw InstructionError(
                        "invalid pattern \(source.goQuoted): syntax error in pattern",
                        at: word.range
                    )
                }
                paths.append(source)
                continue
            }
            guard isAdd else {
                let isGit = if case .git = remote { true } else { false }
                throw InstructionError(
                    isGit ? "source can't be a git ref for COPY" : "source can't be a URL for COPY",
                    at: word.range,
                    hint: "ADD takes addresses"
                )
            }
            // Paths keep their place between addresses.
            try flush(&paths, from: options.from, to: &action, &inputs, state)
            let (edge, path) = try fetch(remote, checksum, options, at: instruction.range, state)
            action.sources.append(.paths(input: inputs.count, [path]))
            inputs.append(edge)
        }
        try flush(&paths, from: options.from, to: &action, &inputs, state)
    }

    private mutating func flush(
        _ paths: inout [String],
        from: Word?,
        to action: inout CopyAction,
        _ inputs: inout [Edge?],
        _ state: StageState
    ) throws(InstructionError) {
        guard !paths.isEmpty else { return }
        let edge = try from.map { (word) throws(InstructionError) in try source(word) } ?? context()
        let known = inputs.dropFirst().firstIndex(of: edge)
        action.sources.append(.paths(input: known ?? inputs.count, paths))
        if known == nil { inputs.append(edge) }
        paths = []
    }

    /// The file system that `--from` means; nil is the empty one.
    mutating func source(_ word: Word) throws(InstructionError) -> Edge? {
        switch reach.source(word.text, platform: options.targetPlatform) {
        case .success(.scratch): return nil
        case .success(.stage(let index)): return states[index]?.edge
        case .success(.image(let reference)): return image(reference, range: word.range)
        case .success(.files(let source)): return tree(of: source, range: word.range)
        case .failure(let error): throw InstructionError(error.description, at: word.range, hint: error.hint)
        }
    }
}
