internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

extension ControlGroup {
    /// Makes the kernel enforce device rules: in version 1 by the devices controller, in version 2 by a program.
    func apply(_ rules: [RuntimeSpec.DeviceRule]) throws(RuntimeError) {
        if let hierarchy = hierarchy(of: "devices") { return try applyByFiles(rules, path(in: hierarchy)) }
        guard let unified else {
            throw RuntimeError(.unsupported, "this machine has no control group that could enforce device rules")
        }
        do {
            let group = try Directory.open(path(in: unified))
            try DeviceProgram(rules).attach(to: group.descriptor.raw)
        } catch {
            throw RuntimeError("setting the container's device rules", error)
        }
    }

    /// Some twenty rules go into two files, which are opened once.
    private func applyByFiles(_ rules: [RuntimeSpec.DeviceRule], _ path: FilePath) throws(RuntimeError) {
        let (allow, deny) = (path.appending("devices.allow"), path.appending("devices.deny"))
        let allowing = try ruleFile(allow)
        let denying = try ruleFile(deny)
        for rule in rules {
            do {
                if rule.allow {
                    try Self.write(rule.text, to: allowing, at: allow)
                } else {
                    try Self.write(rule.text, to: denying, at: deny)
                }
            } catch {
                throw RuntimeError("\(rule.allow ? "allowing" : "denying") devices \"\(rule.text)\"", error)
            }
        }
    }

    private func ruleFile(_ path: FilePath) throws(RuntimeError) -> OwnedDescriptor {
        do { return try open(path) } catch { throw RuntimeError("setting the container's device rules", error) }
    }
}

extension RuntimeSpec.DeviceRule {
    /// The rule as the version 1 devices controller takes it.
    var text: String {
        func number(_ value: Int64?) -> String { value.map { $0 < 0 ? "*" : "\($0)" } ?? "*" }
        return "\(type.map { $0.isEmpty ? "a" : $0 } ?? "a") \(number(major)):\(number(minor)) \(access ?? "rwm")"
    }
}
