import LinuxSystem
import OCISpec

/// Whether the files are there that a program wants while it runs: certificates, zones, accounts, places to write.
struct DataCheck {
    let root: ImageRoot
    let settings: CommandSettings
    let facts: ProgramFacts

    /// All of them, in the order of the documentation.
    func findings() throws -> [Finding] {
        try [certificates(), timeZone(), passwd()].compactMap(\.self) + nameService()
            + [temporaryFolder(), home(), locale()].compactMap(\.self)
    }

    func finding(
        _ code: FindingCode,
        _ message: String,
        because reason: String,
        _ cure: [String],
        _ paths: [PathBytes] = []
    ) -> Finding {
        Finding(
            code,
            facts.started.program.path.description,
            message,
            chain: facts.started.chain + [reason],
            cure: cure,
            paths: paths
        )
    }

    func exists(_ path: String) throws -> Bool { try root.find(PathBytes(path)) != nil }

    /// A variable that is set to something.
    func variable(_ name: String) -> String? { settings.environment[name].flatMap { $0.isEmpty ? nil : $0 } }
}
