import LinuxSystem

/// Whether the interpreter of a command finds its own library, and the program that it is given.
struct RuntimeCheck {
    let root: ImageRoot
    let settings: CommandSettings

    /// Of a command that the kernel and the loader can start.
    func findings(_ started: Execution.Started) throws -> [Finding] {
        guard let language = Language(program: started.program.path) else { return [] }
        var found: [Finding] = []
        // Where the command is a script of the language, the interpreter is still what ends at once.
        if let finding = try library(language, started) { found.append(finding) }
        if let finding = try script(language, started) { found.append(finding) }
        return found
    }

    private func library(_ language: Language, _ started: Execution.Started) throws -> Finding? {
        guard let wanted = LanguageLibrary(language, of: started.program.path, settings),
            try !wanted.candidates.contains(where: { try exists($0) })
        else { return nil }
        return Finding(
            wanted.isFatal ? .brokenRuntime : .runtime,
            started.program.path.description,
            "needs \(wanted.what), which isn't in the image",
            chain: started.chain + [
                "looked for \(wanted.candidates.prefix(4).map(\.description).joined(separator: ", "))"
            ],
            cure: PackageTool(in: root).map { [$0.install([$0.package(ofInterpreter: language.rawValue)])] }
                ?? language.images,
            paths: wanted.candidates
        )
    }

    private func exists(_ path: PathBytes) throws -> Bool {
        guard let star = path.components.firstIndex(where: { $0.bytes.contains(UInt8(ascii: "*")) }) else {
            return try root.find(path) != nil
        }
        let names = path.components
        let folder = PathBytes("/" + names[..<star].map(\.description).joined(separator: "/"))
        let parts = names[star].description.split(separator: "*", omittingEmptySubsequences: false)
        for name in try root.names(in: folder) where name.description.hasPrefix(parts.first ?? "") {
            guard name.description.hasSuffix(parts.last ?? "") else { continue }
            let rest = names[(star + 1)...].map(\.description)
            if try exists(PathBytes(([folder.description, name.description] + rest).joined(separator: "/"))) {
                return true
            }
        }
        return false
    }

    /// The file that the interpreter is told to run.
    private func script(_ language: Language, _ started: Execution.Started) throws -> Finding? {
        guard started.scripts.isEmpty, let name = language.script(in: Array(started.arguments.dropFirst())) else {
            return nil
        }
        let path = settings.absolute(name)
        guard try root.find(path) == nil else { return nil }
        return Finding(
            .script,
            started.program.path.description,
            "is to run \(name), which isn't in the image",
            chain: started.chain,
            cure: ["COPY \(path.components.last?.description ?? name) \(path)"],
            paths: [path]
        )
    }
}
