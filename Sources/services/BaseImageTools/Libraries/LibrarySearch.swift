import ELFFormat
import LinuxSystem

/// Where a loader finds a library: the order of `ld.so` and of musl, without running either.
final class LibrarySearch {
    enum Outcome {
        /// The path as the loader opens it, and what is there.
        case found(String, ImageRoot.Entry, ELFFile)
        /// Only a directory for better processors has it.
        case processorOnly(String, ImageRoot.Entry, ELFFile)
        /// Only libraries for another processor were found.
        case wrongMachine(String, String)
        /// What was found is no library: the loader gives up there.
        case bad(String)
        case missing
    }

    let root: ImageRoot
    let loader: Loader
    /// `LD_LIBRARY_PATH`.
    let environment: [String]
    /// By name, for who has no paths of its own.
    private var standard: [String: Outcome] = [:]
    private var hasProcessorFolder: [String: Bool] = [:]

    init(_ root: ImageRoot, _ loader: Loader, environment: [String]) {
        self.root = root
        self.loader = loader
        self.environment = environment
    }

    /// What is asked for, and who asks.
    struct Question {
        var name: String
        /// The asking object first, then who loaded it, up to the program.
        var chain: [LoadedObject]
        /// Whether the program runs with more rights than its caller: then variables don't count.
        var isSecure: Bool
    }

    func locate(_ question: Question) throws(SystemError) -> Outcome {
        if question.name.contains("/") {
            let path = question.chain.first.map { expand(question.name, $0) } ?? question.name
            return try candidate(path) ?? .missing
        }
        if isPlain(question) {
            if let known = standard[question.name] { return known }
            let outcome = try search(question)
            standard[question.name] = outcome
            return outcome
        }
        return try search(question)
    }

    private func isPlain(_ question: Question) -> Bool {
        (environment.isEmpty || !question.isSecure)
            && question.chain.allSatisfy { object in
                guard let dynamic = object.file.dynamic else { return true }
                return dynamic.runtimePath == nil && dynamic.ownRuntimePath == nil
                    && !dynamic.ignoresStandardDirectories
            }
    }

    private func search(_ question: Question) throws(SystemError) -> Outcome {
        var trail = Trail()
        if loader.isMusl {
            try trail.look(in: question.isSecure ? [] : environment, for: question.name, self)
            for object in question.chain {
                let path = object.file.dynamic?.ownRuntimePath ?? object.file.dynamic?.runtimePath
                try trail.look(in: directories(path, object), for: question.name, self)
            }
            try trail.look(in: loader.directories, for: question.name, self)
            return trail.outcome
        }
        let dynamic = question.chain.first?.file.dynamic
        if dynamic?.ownRuntimePath == nil {
            for object in question.chain where object.file.dynamic?.ownRuntimePath == nil {
                try trail.look(in: directories(object.file.dynamic?.runtimePath, object), for: question.name, self)
            }
        }
        try trail.look(in: question.isSecure ? [] : environment, for: question.name, self)
        if let asking = question.chain.first {
            try trail.look(in: directories(dynamic?.ownRuntimePath, asking), for: question.name, self)
        }
        let skipsStandard = dynamic?.ignoresStandardDirectories == true
        for path in cached(question.name) where !(skipsStandard && isStandard(path)) { try trail.look(at: path, self) }
        if !skipsStandard { try trail.look(in: loader.directories, for: question.name, self) }
        return trail.outcome
    }

    /// What was met on the way through the directories.
    private struct Trail {
        private var end: Outcome?
        private var other: Outcome = .missing
        private var processor: Outcome?

        /// What the search came to.
        var outcome: Outcome { end ?? processor ?? other }

        mutating func look(in directories: [String], for name: String, _ search: LibrarySearch) throws(SystemError) {
            for directory in directories where end == nil {
                if processor == nil, let found = try search.processorLibrary(name, in: directory) { processor = found }
                try look(at: LibrarySearch.join(directory, name), search)
            }
        }

        mutating func look(at path: String, _ search: LibrarySearch) throws(SystemError) {
            guard end == nil, let found = try search.candidate(path) else { return }
            if case .wrongMachine = found, !search.loader.isMusl {
                if case .missing = other { other = found }
            } else {
                end = found
            }
        }
    }

    private func cached(_ name: String) -> [String] {
        guard let flags = loader.target.cacheFlags else { return [] }
        return loader.cache.libraries(name, flags: flags).filter { $0.capabilities == 0 }.map(\.path)
    }

    private func isStandard(_ path: String) -> Bool {
        loader.directories.contains { path.hasPrefix($0 + "/") && !path.dropFirst($0.utf8.count + 1).contains("/") }
    }

    /// The file at a path as a library; nil where there is none.
    fileprivate func candidate(_ path: String) throws(SystemError) -> Outcome? {
        guard let entry = try root.find(PathBytes(path)), entry.kind == .file else { return nil }
        switch try root.program(entry) {
        case .failure(let error):
            if case .unreadable = error.reason { return nil }
            return .bad(path)
        case .success(let file):
            if file.target != loader.target { return .wrongMachine(path, file.target.architecture) }
            return .found(path, entry, file)
        }
    }

    fileprivate func processorLibrary(_ name: String, in directory: String) throws(SystemError) -> Outcome? {
        guard !loader.isMusl, loader.target.architecture == "amd64" else { return nil }
        let folder = Self.join(directory, "glibc-hwcaps")
        if hasProcessorFolder[folder] == nil {
            hasProcessorFolder[folder] = try root.isDirectory(PathBytes(folder))
        }
        guard hasProcessorFolder[folder] == true else { return nil }
        for level in [4, 3, 2] {
            let path = "\(folder)/x86-64-v\(level)/\(name)"
            if case .found(let path, let entry, let file)? = try candidate(path) {
                return .processorOnly(path, entry, file)
            }
        }
        return nil
    }

    static func join(_ directory: String, _ name: String) -> String {
        directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }

    // MARK: - Paths

    /// The directories of a path with colons; an empty one is the working directory, which nobody knows here.
    private func directories(_ path: String?, _ object: LoadedObject) -> [String] {
        guard let path else { return [] }
        return path.split(separator: ":").map { expand(String($0), object) }
    }

    /// `$ORIGIN`, `$LIB` and `$PLATFORM`, with braces and without.
    func expand(_ text: String, _ object: LoadedObject) -> String {
        guard text.contains("$") else { return text }
        var result = ""
        var rest = text[...]
        let values = [
            ("ORIGIN", object.folder), ("LIB", loader.libraryFolder), ("PLATFORM", loader.platform),
        ]
        while let sign = rest.firstIndex(of: "$") {
            result += rest[..<sign]
            rest = rest[rest.index(after: sign)...]
            let match = values.first { rest.hasPrefix("{\($0.0)}") || rest.hasPrefix($0.0) }
            guard let (name, value) = match else {
                result += "$"
                continue
            }
            rest = rest.dropFirst(rest.hasPrefix("{") ? name.utf8.count + 2 : name.utf8.count)
            result += value
        }
        return result + rest
    }
}
