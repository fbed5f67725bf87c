import ImageManagement
import LinuxSystem
import OCISpec

/// A comparison of images for people: a part for the config, the packages and the files, where they differ.
enum DiffText {
    static func report(_ diff: ImageDiff, _ first: String, _ second: String) -> String {
        if diff.isEmpty { return "" }
        var text = "--- \(first)\n+++ \(second)\n"
        if !diff.config.isEmpty { text += "\nConfig:\n" + diff.config.map(line).joined() }
        if !diff.packages.isEmpty {
            text += "\nPackages (\(counts(diff.packages.map(\.change)))):\n" + diff.packages.map(line).joined()
        }
        if !diff.files.isEmpty {
            let growth = diff.files.reduce(0) { $0 + ($1.after?.size ?? 0) - ($1.before?.size ?? 0) }
            let size = (growth < 0 ? "-" : "+") + HumanSize.decimal(abs(growth))
            text += "\nFiles (\(counts(diff.files.map(\.change))), \(size)):\n" + files(diff.files)
        }
        return text
    }

    private static func counts(_ changes: [ImageDiff.Change]) -> String {
        let words: KeyValuePairs<ImageDiff.Change, String> = [
            .added: "added", .changed: "changed", .removed: "removed",
        ]
        return words.compactMap { change, word in
            let count = changes.count { $0 == change }
            return count == 0 ? nil : "\(count) \(word)"
        }.joined(separator: ", ")
    }

    private static func line(_ change: ImageDiff.ConfigChange) -> String {
        GoText.visibleLine("\(change.change.rawValue) \(change.field): \(step(change.before?.serialized(), change.after?.serialized()))") + "\n"
    }

    private static func line(_ change: ImageDiff.PackageChange) -> String {
        let id = change.id
        let name = id.architecture.isEmpty ? id.name : "\(id.name):\(id.architecture)"
        return GoText.printable("\(change.change.rawValue) \(name) \(step(change.before, change.after))") + "\n"
    }

    private static func step(_ before: String?, _ after: String?) -> String {
        [before, after].compactMap { $0 }.joined(separator: " -> ")
    }

    // MARK: - Files

    /// In columns: the change, type and mode, owner, size, path; where something of these changed, both.
    private static func files(_ changes: [ImageDiff.FileChange]) -> String {
        TabWriter(minimumWidth: 0, padding: 2).aligned(changes.map { "\(cells($0))\n" }.joined())
    }

    private static func cells(_ change: ImageDiff.FileChange) -> String {
        let both = [change.before, change.after].compactMap { $0 }
        func column(_ text: (ImageDiff.FileFacts) -> String) -> String {
            let texts = both.map(text)
            return Set(texts).count == 1 ? texts[0] : texts.joined(separator: " -> ")
        }
        let path = GoText.printable("/\(change.path)")
        let target = column { facts in facts.target.map { " -> " + GoText.printable($0.description) } ?? "" }
        return [
            change.change.rawValue, column { mode($0.kind, $0.permissions) }, column { "\($0.uid):\($0.gid)" },
            column { $0.kind == .file ? String($0.size) : "-" }, path + target,
        ].joined(separator: "\t")
    }

    /// `-rwxr-xr-x`.
    static func mode(_ kind: FileStatus.Kind, _ permissions: UInt32) -> String {
        let letter =
            switch kind {
            case .file: "-"
            case .directory: "d"
            case .symbolicLink: "l"
            case .characterDevice: "c"
            case .blockDevice: "b"
            case .fifo: "p"
            case .socket: "s"
            }
        var letters = Array("rwxrwxrwx")
        for bit in 0..<9 where permissions & (0o400 >> UInt32(bit)) == 0 { letters[bit] = "-" }
        let special: [(bit: UInt32, place: Int, letter: Character)] = [
            (0o4000, 2, "s"), (0o2000, 5, "s"), (0o1000, 8, "t"),
        ]
        for (bit, place, letter) in special where permissions & bit != 0 {
            letters[place] = letters[place] == "x" ? letter : Character(letter.uppercased())
        }
        return letter + String(letters)
    }
}
