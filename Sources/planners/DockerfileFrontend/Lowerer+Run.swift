import BuildDefinition
import DockerfileSyntax
import OCISpec
import Reporting

extension Lowerer {
    /// RUN: a program in the file system so far.
    mutating func run(_ run: RunInstruction, _ instruction: Instruction, _ state: inout StageState)
        throws(InstructionError)
    {
        var text = stepText(instruction, state)
        var inputs: [Edge?] = [state.edge]
        var mounts: [RunMount] = []
        for word in run.mounts { mounts.append(try mount(word, &inputs, &state)) }
        let (arguments, script) = program(of: run.command, shell: state.shell)
        if let script { mounts.append(script) }
        if let summary = Self.summary(of: run.command) { text += " (\(summary))" }

        let operation = RunOperation(
            arguments: arguments,
            environment: state.runEnvironment,
            proxyEnvironment: proxies(state),
            user: state.config.user,
            workingDirectory: CleanPath.clean("/" + state.config.workingDir),
            network: run.network.flatMap { RunOperation.Network(rawValue: $0.text) } ?? options.network,
            security: run.security.flatMap { RunOperation.Security(rawValue: $0.text) } ?? .sandbox,
            mounts: mounts,
            hostname: options.hostname,
            devices: run.devices.map(\.text)
        )
        let title = state.title(text, isOnlyStage: isOnlyStage)
        let edge = graph.add(
            .run(operation),
            inputs: inputs,
            title: title,
            range: instruction.range,
            ignoresCache: ignoresCache(state)
        )
        state.edge = edge
        let words = ["RUN"] + state.argumentPrefix + arguments
        state.record(words.joined(separator: " ") + " # buildkit", vertex: edge.vertex)
    }

    /// The words to run, and for a script of its own the file that it is.
    private func program(of command: CommandLine, shell: [String]) -> ([String], RunMount?) {
        guard case .shell(let text) = command.form, let first = command.heredocs.first else {
            return (command.arguments(shell: shell), nil)
        }
        guard Heredoc(opening: text) != nil else {
            // The shell reads the bodies itself.
            let bodies = command.heredocs.map { "\n\($0.body)\($0.name)" }.joined()
            return (shell + [text + bodies], nil)
        }
        guard first.body.hasPrefix("#!") else { return (shell + [first.content], nil) }
        let path = "/dev/pipes/\(first.name)"
        let script = RunMount(
            .inline(bytes: Array(first.content.utf8)),
            target: path,
            isReadOnly: true,
            mode: 0o755
        )
        return (shell + [path], script)
    }

    /// The first line of a command that is nothing but a heredoc.
    private static func summary(of command: CommandLine) -> String? {
        guard case .shell(let text) = command.form, let first = command.heredocs.first, Heredoc(opening: text) != nil
        else { return nil }
        let lines = first.content.split(whereSeparator: \.isNewline).drop { $0.allSatisfy(\.isWhitespace) }
        guard let line = lines.first else { return nil }
        return String(line.drop(while: \.isWhitespace)) + (lines.count > 1 ? "..." : "")
    }

    /// The proxies of the caller, in both spellings, unless the stage has its own.
    private func proxies(_ state: StageState) -> [String] {
        var entries: [String] = []
        for (name, value) in options.buildArguments.sorted(by: { $0.key < $1.key })
        where GlobalScope.proxyNames.contains(name) {
            for spelling in [name.uppercased(), name.lowercased()] where state.value(of: spelling) == nil {
                let entry = "\(spelling)=\(options.buildArguments[spelling] ?? value)"
                if !entries.contains(entry) { entries.append(entry) }
            }
        }
        return entries
    }

    // MARK: - Mounts

    private mutating func mount(_ word: Word, _ inputs: inout [Edge?], _ state: inout StageState)
        throws(InstructionError) -> RunMount
    {
        let options: MountOptions
        let expander = expander
        do {
            options = try MountOptions(parsing: word.text) { (text) throws(ExpansionError) in
                try expander.expand(text) { state.value(of: $0) }.text
            }
        } catch {
            throw InstructionError(error.description, at: word.range)
        }
        let target = options.target.map { CleanPath.join("/" + state.config.workingDir, $0) }
        if target == "/" { throw InstructionError("invalid mount target \"/\"", at: word.range) }
        if target == nil, [.bind, .cache, .tmpfs].contains(options.kind) {
            throw InstructionError("invalid mount target \"\"", at: word.range)
        }
        var mount = RunMount(
            .tmpfs(size: options.size),
            target: target,
            isReadOnly: options.isReadOnly,
            mode: options.mode,
            uid: options.uid,
            gid: options.gid
        )
        switch options.kind {
        case .tmpfs: break
        case .bind:
            let input = try input(options.from, word, &inputs, isContext: options.from == nil)
            mount.source = .bind(input: input, path: CleanPath.join("/", options.source ?? "/"))
        case .cache: mount.source = try cache(options, target ?? "/", word, &inputs)
        case .secret: try secret(options, word, &mount)
        case .ssh:
            mount.source = .ssh(id: options.id ?? options.source ?? "default", required: options.isRequired)
            mount.mode = options.mode ?? 0o600
        }
        return mount
    }

    private mutating func cache(_ options: MountOptions, _ target: String, _ word: Word, _ inputs: inout [Edge?])
        throws(InstructionError) -> RunMount.Source
    {
        var id = options.id.map(CleanPath.clean) ?? target
        if let space = self.options.buildArguments["BUILDKIT_CACHE_MOUNT_NS"], !space.isEmpty {
            id = CleanPath.clean("\(space)/\(id)")
        }
        var start: RunMount.Start?
        if options.from != nil {
            let input = try input(options.from, word, &inputs, isContext: false)
            start = RunMount.Start(input: input, path: CleanPath.join("/", options.source ?? "/"))
        }
        let sharing = options.sharing.flatMap { RunMount.Sharing(rawValue: $0.rawValue) } ?? .shared
        return .cache(id: id, sharing: sharing, start: start)
    }

    private func secret(_ options: MountOptions, _ word: Word, _ mount: inout RunMount) throws(InstructionError) {
        let name = { (path: String) in path.split(separator: "/").last.map(String.init) ?? "" }
        let id = options.id ?? options.source ?? options.target.map(name) ?? options.variable ?? ""
        guard !id.isEmpty else {
            throw InstructionError("invalid secret mount. one of source, target required", at: word.range)
        }
        mount.source = .secret(id: id, variable: options.variable, required: options.isRequired)
        mount.mode = options.mode ?? 0o400
        if mount.target == nil, options.variable == nil { mount.target = "/run/secrets/\(name(id))" }
    }

    /// The position of a mount's file system among the inputs.
    private mutating func input(_ from: String?, _ word: Word, _ inputs: inout [Edge?], isContext: Bool)
        throws(InstructionError) -> Int
    {
        let edge = isContext ? context() : try source(Word(from ?? "", range: word.range))
        if let known = inputs.indices.dropFirst().first(where: { inputs[$0] == edge }) { return known }
        inputs.append(edge)
        return inputs.count - 1
    }
}
