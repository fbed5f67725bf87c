import BuildDefinition

/// Compares what a step is made from with what a step was made from before.
///
/// Pure: it sees names and values only. What stands for the file system below is compared by `BelowComparison`.
struct KeyComparison {
    private let before: [KeyPart]
    private let now: [KeyPart]

    /// Parts that are told in another way, or that tell nothing.
    private static let told: Set<String> = ["operation", "action", "below", "members", "argument", "environment"]

    init(before: [KeyPart], now: [KeyPart]) {
        self.before = before
        self.now = now
    }

    /// What differs, in the order in which people look for it.
    var changes: [KeyChange] { command + variables + mounts + settings }

    private var command: [KeyChange] {
        let (old, new) = (Self.values("argument", before), Self.values("argument", now))
        if old == new { return [] }
        // The shell in front of a command says nothing where it is the same.
        let shared = zip(old, new).prefix { $0 == $1 }.count
        let skipped = old.count == 3 && new.count == 3 && shared == 2 ? 2 : 0
        return [.command(from: Self.words(old.dropFirst(skipped)), to: Self.words(new.dropFirst(skipped)))]
    }

    private var variables: [KeyChange] {
        let (old, new) = (Self.variables(before), Self.variables(now))
        let names = old.map(\.name) + new.map(\.name).filter { name in !old.contains { $0.name == name } }
        var changes: [KeyChange] = names.compactMap { name in
            let was = old.first { $0.name == name }?.value
            let value = new.first { $0.name == name }?.value
            if was == value { return nil }
            if SecretName.isLikely(name) {
                let hidden = "(hidden)"
                return .variable(name, from: was.map { _ in hidden }, to: value.map { _ in hidden })
            }
            return .variable(name, from: was, to: value)
        }
        if changes.isEmpty, old.map(\.name) != new.map(\.name) {
            changes = [.setting("order of the variables", from: nil, to: nil)]
        }
        return changes
    }

    private var mounts: [KeyChange] {
        let (old, new) = (Self.mounts(before), Self.mounts(now))
        if old == new { return [] }
        let gone = old.filter { !new.contains($0) }
        let added = new.filter { !old.contains($0) }
        return (0..<max(gone.count, added.count)).map { index in
            .mount(
                from: index < gone.count ? gone[index] : nil,
                to: index < added.count ? added[index] : nil
            )
        }
    }

    /// What stands once or in a list, and isn't told better.
    private var settings: [KeyChange] {
        var names: [String] = []
        for part in before + now where !Self.told.contains(part.name) && !names.contains(part.name) {
            if part.name == "mount" || part.name.hasPrefix("mount ") { continue }
            names.append(part.name)
        }
        return names.compactMap { name in
            let (old, new) = (Self.values(name, before), Self.values(name, now))
            if old == new { return nil }
            // What is written in the Dockerfile itself can be long, and is there to be read.
            if name == "inline content" { return .setting("text of the here-document", from: nil, to: nil) }
            return .setting(
                name,
                from: old.isEmpty ? nil : old.joined(separator: ", "),
                to: new.isEmpty ? nil : new.joined(separator: ", ")
            )
        }
    }

    // MARK: - Parts

    private static func values(_ name: String, _ parts: [KeyPart]) -> [String] {
        parts.filter { $0.name == name }.map(\.text)
    }

    private static func variables(_ parts: [KeyPart]) -> [(name: String, value: String)] {
        values("environment", parts).map { entry in
            let pair = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(pair[0]), pair.count > 1 ? String(pair[1]) : "")
        }
    }

    /// Each mount as it is written in a Dockerfile, near enough.
    private static func mounts(_ parts: [KeyPart]) -> [String] {
        var mounts: [String] = []
        for part in parts where part.name == "mount" || part.name.hasPrefix("mount ") {
            if part.name == "mount" {
                mounts.append("type=\(part.text)")
            } else if !mounts.isEmpty {
                let value = part.name == "mount content" ? "…" : part.text
                mounts[mounts.count - 1] += ",\(part.name.dropFirst(6))=\(value)"
            }
        }
        return mounts
    }

    private static func words(_ arguments: ArraySlice<String>) -> String { arguments.joined(separator: " ") }
}

/// Names of variables whose values nobody should read over a shoulder.
enum SecretName {
    private static let marks = [
        "token", "secret", "passw", "passphrase", "credential", "apikey", "api_key", "access_key", "private_key",
        "auth",
    ]

    static func isLikely(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasSuffix("_key") || name.hasSuffix("_pwd") || name == "pwd"
            || marks.contains { name.contains($0) }
    }
}
