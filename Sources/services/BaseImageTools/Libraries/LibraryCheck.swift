import ELFFormat
import LinuxSystem
import OCISpec

/// Whether programs find their loader and their libraries.
///
/// Remembers what one program's loader found for the next.
final class LibraryCheck {
    let root: ImageRoot
    let environment: [String]
    private var loaders: [Key: LibrarySearch] = [:]
    private var symbols: SymbolCheck?

    private struct Key: Hashable {
        var path: PathBytes
        var target: ELFTarget
    }

    /// With `checksSymbols` every symbol that a program wants is looked for, not only libraries and their versions.
    init(_ root: ImageRoot, environment: [String], checksSymbols: Bool) {
        self.root = root
        self.environment = environment
        symbols = checksSymbols ? SymbolCheck(root) : nil
    }

    /// What the kernel and the loader make of a program.
    func start(_ step: CommandCheck.Step, _ settings: CommandSettings) throws -> Execution {
        let parsed = try root.program(step.entry)
        func fails(_ code: FindingCode, _ message: String, _ cure: [String], _ paths: [PathBytes] = []) -> Execution {
            .fails([
                Finding(code, step.name, message, chain: step.chain, cure: cure, paths: [step.entry.path] + paths)
            ])
        }
        guard case .success(let file) = parsed else {
            guard case .failure(let error) = parsed else { return fails(.notAProgram, "is no program", []) }
            return fails(.notAProgram, "is a damaged program: \(error)", [])
        }
        guard Self.fits(file.target, settings.platform) else {
            return fails(
                .architecture,
                "is for \(file.target.architecture), and the image is for \(settings.platform.architecture)",
                CureLines.architecture(file.target.architecture, settings.platform)
            )
        }
        guard file.kind == .executable || file.kind == .shared else {
            return fails(.notAProgram, "is an ELF file, but no program", [])
        }
        var started = Execution.Started(
            program: step.entry,
            file: file,
            scripts: step.scripts,
            arguments: step.arguments,
            chain: step.chain
        )
        guard let path = file.interpreter else { return .runs(started) }
        guard let entry = try root.find(settings.absolute(path)) else {
            return fails(
                .interpreter,
                "needs \(path), which isn't in the image",
                CureLines.loader(path, file, root),
                [PathBytes(path)]
            )
        }
        if let (message, cure) = try refusal(of: entry, path, file, settings) {
            return fails(.badInterpreter, message, cure, [PathBytes(path)])
        }
        let search = try search(entry, path, file.target)
        let links = try link(step.entry, file, loader: entry, path, search)
        let found = try problems(links, search, step.chain, .library)
        if found.contains(where: { $0.severity == .error }) { return .fails(found) }
        started.links = links
        started.isMusl = search.loader.isMusl
        return .runs(started)
    }

    /// Every finding about a program's loading, in the order of loading: notes too.
    func findings(_ started: Execution.Started) throws -> [Finding] {
        guard let links = started.links, let path = started.file.interpreter, let entry = try root.find(PathBytes(path))
        else { return [] }
        let search = try search(entry, path, started.file.target)
        return try problems(links, search, started.chain, .library)
    }

    // MARK: - Loaders

    /// amd64 kernels run programs for 386, arm64 kernels those for arm.
    static func fits(_ target: ELFTarget, _ platform: Platform) -> Bool {
        let wanted = platform.architecture
        // An image that doesn't say for whom it is fits everybody.
        if target.architecture == wanted || wanted.isEmpty { return true }
        switch (wanted, target.architecture) {
        case ("amd64", "386"), ("amd64", "x32"), ("arm64", "arm"): return true
        default: return false
        }
    }

    private func refusal(
        of entry: ImageRoot.Entry,
        _ path: String,
        _ file: ELFFile,
        _ settings: CommandSettings
    ) throws -> (String, [String])? {
        let again = CureLines.loader(path, file, root)
        guard entry.kind == .file, entry.size >= 64 else {
            return ("needs the loader \(path), which is too short to be one", again)
        }
        guard settings.mayExecute(entry) else {
            return ("needs the loader \(path), which is not executable", ["RUN chmod +x \(path)"])
        }
        switch try root.program(entry) {
        case .failure: return ("needs the loader \(path), which is no program", again)
        case .success(let loader):
            if loader.target == file.target { return nil }
            return ("needs the loader \(path), which is for \(loader.target.architecture)", again)
        }
    }

    private func search(
        _ entry: ImageRoot.Entry,
        _ path: String,
        _ target: ELFTarget
    ) throws(SystemError) -> LibrarySearch {
        let key = Key(path: entry.path, target: target)
        if let known = loaders[key] { return known }
        let loader = try Loader(entry, named: path, target: target, in: root)
        let search = LibrarySearch(root, loader, environment: environment)
        loaders[key] = search
        return search
    }

    private func link(
        _ entry: ImageRoot.Entry,
        _ file: ELFFile,
        loader: ImageRoot.Entry,
        _ path: String,
        _ search: LibrarySearch
    ) throws(SystemError) -> LinkMap {
        let interpreter: LoadedObject? =
            if case .success(let program) = try root.program(loader) {
                LoadedObject(path: path, entry: loader, file: program, loadedBy: nil)
            } else { nil }
        let hasMore = entry.mode & 0o6000 != 0 ? true : try root.hasCapabilities(entry)
        return try LinkMap(
            LoadedObject(path: entry.path.description, entry: entry, file: file, loadedBy: nil),
            interpreter: interpreter,
            search: search,
            isSecure: hasMore
        )
    }

    // MARK: - Everything

    /// Whether a program or library that was found in the image would be loaded.
    ///
    /// Whose plug-in a library is isn't known, so what it lacks is a warning; and a note where the image has it elsewhere.
    func check(
        _ entry: ImageRoot.Entry,
        _ file: ELFFile,
        _ settings: CommandSettings,
        knows: (String) -> [String]
    ) throws -> [Finding] {
        guard file.dynamic != nil, Self.fits(file.target, settings.platform) else { return [] }
        if file.interpreter != nil, entry.mode & 0o111 != 0 {
            let step = CommandCheck.Step(entry: entry, name: entry.path.description, arguments: [])
            switch try start(step, settings) {
            case .fails(let found): return found
            case .runs(let started): return try findings(started)
            }
        }
        guard file.kind == .shared, let search = try standardSearch(file.target) else { return [] }
        let links = try LinkMap(
            LoadedObject(path: entry.path.description, entry: entry, file: file, loadedBy: nil),
            interpreter: nil,
            search: search,
            isAlone: true
        )
        return try problems(links, search, [], .pluginLibrary, knows: knows)
    }

    /// The loader that the image has for a target.
    private func standardSearch(_ target: ELFTarget) throws -> LibrarySearch? {
        for path in target.glibcLoaders + target.muslLoaders {
            guard let entry = try root.find(PathBytes(path)), case .success(let file) = try root.program(entry),
                file.target == target
            else { continue }
            return try search(entry, path, target)
        }
        return nil
    }

    // MARK: - Words

    private func problems(
        _ links: LinkMap,
        _ search: LibrarySearch,
        _ chain: [String],
        _ code: FindingCode,
        knows: (String) -> [String] = { _ in [] }
    ) throws -> [Finding] {
        let words = LibraryWords(root: root, links: links, search: search, chain: chain, code: code)
        var found: [Finding] = []
        for problem in links.problems { found.append(try words.finding(problem, knows: knows)) }
        // What isn't even loaded explains what is missing by name.
        if found.contains(where: { $0.severity == .error }) || code != .library { return found }
        for (object, names) in try symbols?.missing(links) ?? [] { found.append(words.finding(object, lacks: names)) }
        return found
    }
}
