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

    private func applyByFiles(_ rules: [RuntimeSpec.DeviceRule], _ path: FilePath) throws(RuntimeError) {
        for rule in rules {
            do {
                try write(rule.text, to: path.appending(rule.allow ? "devices.allow" : "devices.deny"))
            } catch {
                throw RuntimeError("\(rule.allow ? "allowing" : "denying") devices \"\(rule.text)\"", error)
            }
        }
    }
}

extension RuntimeSpec.DeviceRule {
    /// The rule as the version 1 devices controller takes it.
    var text: String {
        func number(_ value: Int64?) -> String { value.map { $0 < 0 ? "*" : "\($0)" } ?? "*" }
        return "\(type.map { $0.isEmpty ? "a" : $0 } ?? "a") \(number(major)):\(number(minor)) \(access ?? "rwm")"
    }
}
