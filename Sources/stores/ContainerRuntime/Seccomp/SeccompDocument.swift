package import OCISpec
package import Reporting

/// A seccomp profile as Docker's files write it: the specification's, with conditions on each rule.
///
/// The file is the user's, but images come with such files too: whatever it says, it becomes a filter or an error.
package struct SeccompDocument: Sendable {
    private let value: JSONValue

    /// Reads the text; only its form is checked.
    package init(_ text: String) throws(RuntimeError) {
        do { value = try JSONValue(parsing: Array(text.utf8)) } catch {
            throw RuntimeError(.invalidArgument, error.description)
        }
        switch value {
        case .object, .null: break
        default: throw Self.invalid("the profile is no object")
        }
    }

    /// What holds for a container with these capabilities in its bounding set, on this machine; nil for a profile that says
    /// nothing, which as with Docker lets everything through.
    package func specification(
        capabilities: [String],
        machine: SeccompProfile.Machine = .host,
        kernel: String
    ) throws(PlainFailure) -> RuntimeSpec.Seccomp? {
        do { return try filter(Surroundings(capabilities: Set(capabilities), machine: machine, kernel: kernel)) } catch {
            throw PlainFailure(.invalidArgument, "Decoding seccomp profile failed: \(error.description)")
        }
    }

    /// What conditions ask about.
    private struct Surroundings {
        var capabilities: Set<String>
        var machine: SeccompProfile.Machine
        var kernel: String
    }

    private static func invalid(_ text: String) -> RuntimeError { RuntimeError(.invalidArgument, text) }

    private func filter(_ surroundings: Surroundings) throws(RuntimeError) -> RuntimeSpec.Seccomp? {
        guard let action = try Self.text(value["defaultAction"], "defaultAction"), !action.isEmpty else {
            if try Self.list(value["syscalls"], "syscalls").isEmpty { return nil }
            throw Self.invalid("no defaultAction")
        }
        var filter = RuntimeSpec.Seccomp(
            defaultAction: action,
            defaultErrnoRet: try Self.number(value["defaultErrnoRet"], "defaultErrnoRet")
        )
        filter.architectures = try architectures(surroundings.machine)
        filter.flags = try Self.texts(value["flags"], "flags")
        filter.listenerPath = value["listenerPath"]?.text
        var rules: [RuntimeSpec.SyscallRule] = []
        for entry in try Self.list(value["syscalls"], "syscalls") {
            if let rule = try rule(entry, surroundings) { rules.append(rule) }
        }
        filter.syscalls = rules
        return filter
    }

    private func architectures(_ machine: SeccompProfile.Machine) throws(RuntimeError) -> [String]? {
        let plain = try Self.texts(value["architectures"], "architectures") ?? []
        let map = try Self.list(value["archMap"], "archMap")
        if !plain.isEmpty, !map.isEmpty {
            throw Self.invalid(
                "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'"
            )
        }
        if !plain.isEmpty { return plain.filter(machine.architectures.contains) }
        for entry in map where entry["architecture"]?.text == machine.architectures[0] {
            let more = try Self.texts(entry["subArchitectures"], "subArchitectures") ?? []
            return [machine.architectures[0]] + more.filter(machine.architectures.contains)
        }
        return nil
    }

    // MARK: - Rules

    /// nil where its conditions don't hold.
    private func rule(
        _ rule: JSONValue,
        _ surroundings: Surroundings
    ) throws(RuntimeError) -> RuntimeSpec.SyscallRule? {
        if let included = rule["includes"], included != .null {
            guard try holds(included, surroundings, forAll: true) else { return nil }
        }
        if let excluded = rule["excludes"], excluded != .null {
            guard try !holds(excluded, surroundings, forAll: false) else { return nil }
        }
        let name = rule["name"]?.text ?? ""
        let names = try Self.texts(rule["names"], "names") ?? []
        if !name.isEmpty, !names.isEmpty {
            throw Self.invalid(
                "both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'"
            )
        }
        let calls = name.isEmpty ? names : [name]
        guard let action = rule["action"]?.text, !action.isEmpty, !calls.isEmpty else {
            throw Self.invalid("a rule without names or an action")
        }
        let arguments = try Self.list(rule["args"], "args").map { (entry) throws(RuntimeError) in
            guard let index = try Self.number(entry["index"], "index"), let operation = entry["op"]?.text else {
                throw Self.invalid("a comparison without an index or an operation")
            }
            return RuntimeSpec.SyscallArgument(
                index,
                operation,
                try Self.long(entry["value"]),
                valueTwo: try entry["valueTwo"].map { (value) throws(RuntimeError) in try Self.long(value) }
            )
        }
        return RuntimeSpec.SyscallRule(
            calls,
            action: action,
            errnoRet: try Self.number(rule["errnoRet"], "errnoRet"),
            args: arguments.isEmpty ? nil : arguments
        )
    }

    /// `includes` hold where all of them do, `excludes` where any does.
    private func holds(
        _ conditions: JSONValue,
        _ surroundings: Surroundings,
        forAll: Bool
    ) throws(RuntimeError) -> Bool {
        var answers: [Bool] = []
        if let names = try Self.texts(conditions["arches"], "arches"), !names.isEmpty {
            answers.append(names.contains(surroundings.machine.goName))
        }
        if let names = try Self.texts(conditions["caps"], "caps"), !names.isEmpty {
            let held = names.map(surroundings.capabilities.contains)
            answers.append(forAll ? !held.contains(false) : held.contains(true))
        }
        if let least = conditions["minKernel"]?.text, !least.isEmpty {
            guard let wanted = Self.version(least) else { throw Self.invalid("invalid kernel version \"\(least)\"") }
            let own = Self.version(surroundings.kernel) ?? (0, 0)
            answers.append(own >= wanted)
        }
        return forAll ? !answers.contains(false) : answers.contains(true)
    }

    private static func version(_ text: String) -> (Int, Int)? {
        let parts = text.split(separator: ".", maxSplits: 2)
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1].prefix { $0.isNumber }) else {
            return nil
        }
        return (major, minor)
    }

    // MARK: - Values

    private static func list(_ value: JSONValue?, _ name: String) throws(RuntimeError) -> [JSONValue] {
        switch value {
        case nil, .null?: return []
        case .array(let items)?: return items
        default: throw invalid("\"\(name)\" is no list")
        }
    }

    private static func texts(_ value: JSONValue?, _ name: String) throws(RuntimeError) -> [String]? {
        if value == nil || value == .null { return nil }
        return try list(value, name).map { (item) throws(RuntimeError) in
            guard let text = item.text, !text.utf8.contains(0) else { throw invalid("\"\(name)\" has what is no text") }
            return text
        }
    }

    private static func text(_ value: JSONValue?, _ name: String) throws(RuntimeError) -> String? {
        switch value {
        case nil, .null?: return nil
        case .string(let text)?: return text
        default: throw invalid("\"\(name)\" is no text")
        }
    }

    private static func number(_ value: JSONValue?, _ name: String) throws(RuntimeError) -> UInt32? {
        switch value {
        case nil, .null?: return nil
        case .integer(let number)?:
            guard let small = UInt32(exactly: number) else { throw invalid("\"\(name)\" is out of range") }
            return small
        default: throw invalid("\"\(name)\" is no number")
        }
    }

    /// Of 64 bits without a sign.
    private static func long(_ value: JSONValue?) throws(RuntimeError) -> UInt64 {
        switch value {
        case nil, .null?: return 0
        case .integer(let number)? where number >= 0: return UInt64(number)
        case .unsigned(let number)?: return number
        default: throw invalid("a value to compare with is out of range")
        }
    }
}

extension SeccompProfile.Machine {
    /// As conditions of profiles name it.
    fileprivate var goName: String {
        switch self {
        case .x86_64: "amd64"
        case .aarch64: "arm64"
        }
    }
}
