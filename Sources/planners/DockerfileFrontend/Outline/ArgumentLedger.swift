import DockerfileSyntax
import Reporting

/// The build arguments of the stages, noted while they are planned.
struct ArgumentLedger {
    /// One declaration and the arguments that its default is made of.
    struct Entry {
        var argument: BuildOutline.Argument
        var needs: Set<String> = []
    }

    /// The declarations in front of the first FROM.
    let shared: [String: Entry]
    private var own: [Int: [String: Entry]] = [:]
    /// What each stage uses, in the order of its use.
    private var used: [Int: [String]] = [:]

    init(shared: [String: Entry]) {
        self.shared = shared
    }

    /// ARG in a stage. One that only fetches what is declared for all has no entry of its own.
    mutating func note(_ name: String, _ argument: BuildOutline.Argument?, in stage: Int) {
        used[stage, default: []].append(name)
        if let argument { own[stage, default: [:]][name] = Entry(argument: argument) }
    }

    /// Variables that FROM uses.
    mutating func use(_ names: Set<String>, in stage: Int) {
        used[stage, default: []] += names.sorted()
    }

    /// What a stage uses, without the names that were `seen` already.
    func arguments(of stage: Int, seen: inout Set<String>) -> [BuildOutline.Argument] {
        var names: [String] = []
        var open = used[stage] ?? []
        while let name = open.first {
            open.removeFirst()
            guard !names.contains(name), let entry = entry(name, stage) else { continue }
            names.append(name)
            open += entry.needs.sorted()
        }
        return names.compactMap { name in
            guard let entry = entry(name, stage), seen.insert(name).inserted else { return nil }
            return entry.argument
        }
    }

    private func entry(_ name: String, _ stage: Int) -> Entry? { own[stage]?[name] ?? shared[name] }
}
