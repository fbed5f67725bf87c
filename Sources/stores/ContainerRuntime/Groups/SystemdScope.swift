internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

/// A container's group as a unit of systemd's: a scope in a slice, which systemd makes, counts and removes.
///
/// Its own programs are asked (`systemd-run`, `systemctl`): they come with it, and their words are stable. A scope ends when nobody is in
/// it, so one process holds it until the container's first one is there.
package struct SystemdScope: Sendable, Hashable, Codable {
    /// `system.slice`
    package var slice: String
    /// `docker-0123.scope`
    package var name: String
    /// The systemd of the user whose it is; nil for the machine's.
    package var user: UserSystemd?

    /// What a specification's `cgroupsPath` means where groups are systemd's: `slice:prefix:name`.
    package init(cgroupsPath: String?, id: String, user: UserSystemd? = nil) throws(RuntimeError) {
        self.user = user
        let standard = user == nil ? "system.slice" : "user.slice"
        guard let path = cgroupsPath, !path.isEmpty else {
            (slice, name) = (standard, "socle-\(id).scope")
            return
        }
        let parts = path.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else {
            throw RuntimeError(
                .invalidArgument,
                "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got \"\(path)\" instead"
            )
        }
        slice = parts[0].isEmpty ? standard : parts[0]
        name = (parts[1].isEmpty ? "" : parts[1] + "-") + parts[2] + ".scope"
        guard Self.isSlice(slice) else { throw RuntimeError(.invalidArgument, "invalid slice name: \(slice)") }
        guard Self.isUnit(name), !parts[2].isEmpty else { throw RuntimeError(.invalidArgument, "invalid unit name: \(name)") }
    }

    private static func isUnit(_ name: String) -> Bool {
        let others = Set(":-_.\\@".utf8)
        return name.utf8.count < 256
            && name.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || others.contains($0) }
    }

    private static func isSlice(_ name: String) -> Bool {
        guard name.hasSuffix(".slice"), isUnit(name) else { return false }
        let stem = name.dropLast(6)
        return stem == "-" || !stem.split(separator: "-", omittingEmptySubsequences: false).contains("")
    }

    /// The group's path from the hierarchy's top: `a-b.slice` is in `a.slice`.
    var path: String {
        let stem = slice.dropLast(6)
        var path = user?.group ?? ""
        if stem == "-" { return "\(path)/\(name)" }
        var prefix = ""
        for word in stem.split(separator: "-") {
            prefix += (prefix.isEmpty ? "" : "-") + word
            path += "/\(prefix).slice"
        }
        return "\(path)/\(name)"
    }

    /// The systemd that is asked: the machine's, where nil, or the one of the ordinary user who is root in his namespace.
    package static func findSystemd() throws(RuntimeError) -> UserSystemd? {
        guard (try? HostFile.exists("/run/systemd/system")) == true else {
            throw RuntimeError(.unsupported, "systemd cgroups are wanted, but systemd is not running here", hint: "use the engine's cgroupfs driver")
        }
        if OwnUserNamespace.isInitial { return nil }
        let all = try ControlGroupHierarchy.discoverAll()
        guard all.count == 1, all[0].version == 2 else {
            throw RuntimeError(
                .unsupported,
                "an ordinary user's systemd cgroups need control groups of version 2 alone",
                hint: "use the engine's cgroupfs driver"
            )
        }
        let user = try UserSystemd.find()
        // Whoever is outside of all that is the user's may move nobody into it.
        let own = try ControlGroupHierarchy.ownUnifiedGroup()
        guard own == user.group || own.hasPrefix(user.group + "/") else {
            throw RuntimeError(
                .unsupported,
                "a process in \(own) can start nothing in groups of the user's systemd, which are in \(user.group)",
                hint: "begin with \"systemd-run --user --scope\", as engines do"
            )
        }
        return user
    }

    // MARK: - Its life

    /// Has systemd make it with what `resources` asks for, which it would set back otherwise, and what annotations say besides.
    func begin(_ spec: RuntimeSpec, isUnified: Bool) throws(RuntimeError) -> ScopeHolder {
        let resources = spec.linux?.resources ?? RuntimeSpec.Resources()
        var properties = Self.properties(resources, isUnified: isUnified)
        // Without a word, systemd has a limit of its own.
        if !properties.contains(where: { $0.hasPrefix("TasksMax=") }) { properties.append("TasksMax=infinity") }
        if !isUnified, let rules = resources.devices, !rules.isEmpty {
            let drivers = (try? HostFile.text("/proc/devices", limit: 1 << 20)) ?? ""
            properties += Self.deviceProperties(rules + ControlGroup.standardDeviceRules, drivers: drivers)
        }
        // It is whoever began the container who ends it when the machine goes down.
        properties += ["Delegate=yes", "DefaultDependencies=no"]
        properties += ["CPU", isUnified ? "IO" : "BlockIO", "Memory", "Tasks"].map { $0 + "Accounting=yes" }
        properties += try Self.properties(spec.annotations ?? [:])
        let words = [
            "--scope", "--quiet", "--collect", "--unit=\(name)", "--slice=\(slice)", "--description=container of socle",
        ]
        return try ScopeHolder.start(program("systemd-run") + words + properties.flatMap { ["-p", $0] } + ["--", "cat"], for: name)
    }

    /// Tells systemd of limits that have changed.
    func update(_ resources: RuntimeSpec.Resources, isUnified: Bool) {
        let properties = Self.properties(resources, isUnified: isUnified)
        if !properties.isEmpty { tell(["set-property", "--runtime", name] + properties) }
    }

    /// Has it removed. One that is gone is no error.
    func end() { tell(["stop", name]) }

    private func tell(_ words: [String]) {
        guard let devices = try? Directory.open("/dev"), let null = try? devices.open("null", flags: 2) else { return }
        _ = try? ChildProgram(program("systemctl") + ["--quiet"] + words).run(input: null.raw, output: null.raw, error: null.raw)
    }

    /// The words that begin one of systemd's programs.
    private func program(_ name: String) -> [String] { user == nil ? [name] : UserSystemd.environment + [name, "--user"] }

    private static func properties(_ resources: RuntimeSpec.Resources, isUnified: Bool) -> [String] {
        isUnified ? properties(resources) : version1Properties(resources)
    }

    /// The unit's properties that stand for the group's files.
    static func properties(_ resources: RuntimeSpec.Resources) -> [String] {
        let names = [
            "memory.max": "MemoryMax", "memory.high": "MemoryHigh", "memory.low": "MemoryLow", "memory.min": "MemoryMin",
            "memory.swap.max": "MemorySwapMax", "cpu.weight": "CPUWeight", "cpuset.cpus": "AllowedCPUs",
            "cpuset.mems": "AllowedMemoryNodes", "pids.max": "TasksMax",
        ]
        var properties: [String] = []
        for setting in ControlGroup.unifiedSettings(resources) {
            if setting.file == "cpu.max" {
                let words = setting.value.split(separator: " ")
                guard words.count == 2, let period = Int64(words[1]), period > 0 else { continue }
                properties += quotaProperties(quota: Int64(words[0]), period: period)
            } else if let name = names[setting.file] {
                properties.append("\(name)=\(setting.value == "max" ? "infinity" : setting.value)")
            }
        }
        return properties
    }

    /// How much of a processor; nil is without limit. systemd counts in hundredths of a percent; the group's file has the exact value.
    static func quotaProperties(quota: Int64?, period: Int64) -> [String] {
        let share = quota.map { $0.multiplied(clampingBy: 10_000).adding(clamping: period - 1) / period }
        let words = share.map { "\($0 / 100).\($0 / 10 % 10)\($0 % 10)%" } ?? ""
        return ["CPUQuota=\(words)", "CPUQuotaPeriodSec=\(period)us"]
    }

    /// What annotations ask of the unit: `org.systemd.property.KillSignal` with a value in systemd's own notation (`uint64 5`, `'text'`).
    static func properties(_ annotations: [String: String]) throws(RuntimeError) -> [String] {
        let prefix = "org.systemd.property."
        var properties: [String] = []
        for (key, text) in annotations.sorted(by: { $0.key < $1.key }) where key.hasPrefix(prefix) {
            let name = key.dropFirst(prefix.count)
            guard name.utf8.count > 2, name.utf8.allSatisfy({ (65...90).contains($0) || (97...122).contains($0) }) else {
                throw RuntimeError(.invalidArgument, "annotation \(key) name incorrect: it is no property of a unit")
            }
            guard let value = value(text) else {
                throw RuntimeError(.unsupported, "annotation \(key)=\(text) value parse error: neither a number, nor a text, nor true or false")
            }
            // Over the bus times are microseconds; in words each has its unit.
            properties.append(name.hasSuffix("USec") ? "\(name.dropLast(4))Sec=\(value)us" : "\(name)=\(value)")
        }
        return properties
    }

    /// A value of GVariant's notation, as words of systemd's programs have it.
    private static func value(_ text: String) -> Substring? {
        for quote in ["'", "\""] where text.count > 1 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            let inner = text.dropFirst().dropLast()
            return inner.contains(quote) || inner.contains("\\") ? nil : inner
        }
        let types: Set<Substring> = ["byte", "int16", "uint16", "int32", "uint32", "int64", "uint64", "double"]
        var words = text.split(separator: " ")
        if words.count == 2, types.contains(words[0]) { words.removeFirst() }
        guard words.count == 1, words[0] == "true" || words[0] == "false" || Double(words[0]) != nil else { return nil }
        return words[0]
    }
}

/// A process that keeps a scope until somebody else is in it.
final class ScopeHolder {
    private let process: ChildProgram.Running
    private let input: Pipe

    private init(process: consuming ChildProgram.Running, input: consuming Pipe) {
        self.process = process
        self.input = input
    }

    /// Returns when systemd has made the scope.
    static func start(_ words: [String], for scope: String) throws(RuntimeError) -> ScopeHolder {
        var complaint = ""
        do throws(SystemError) {
            if let holder = try start(words, &complaint) { return holder }
        } catch {
            throw RuntimeError("having systemd make \(scope)", error)
        }
        throw RuntimeError(.conflict, "systemd made no unit \(scope): \(complaint.split(separator: "\n").joined(separator: "; "))")
    }

    /// The scope is made when what is said comes back; nil where the program ended instead.
    private static func start(_ words: [String], _ complaint: inout String) throws(SystemError) -> ScopeHolder? {
        let input = try Pipe()
        var output = try Pipe()
        var complaints = try Pipe()
        let process = try ChildProgram(words).start(input: input.reading.raw, output: output.writingEnd, error: complaints.writingEnd)
        output.closeWriting()
        complaints.closeWriting()
        let question: [UInt8] = [1]
        try DescriptorIO.write(input.writingEnd, question.span)
        var answer = question
        if try DescriptorIO.read(output.reading.raw, into: &answer) > 0 { return ScopeHolder(process: process, input: input) }
        complaint = String(decoding: try DescriptorIO.readAll(complaints.reading.raw, limit: 65_536), as: UTF8.self)
        return nil
    }
}
