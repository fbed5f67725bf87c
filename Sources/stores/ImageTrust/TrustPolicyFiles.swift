import ByteStreams
import LinuxSystem
import OCISpec
package import SystemPackage

/// The files with policies: the machine's, which always counts, and the user's, or the one that `SOCLE_TRUST` names in its
/// place.
package struct TrustPolicyFiles: Sendable, Hashable {
    package var machine: FilePath
    /// nil where there is no place for it.
    package var own: FilePath?

    /// Whether the user named the second file.
    private var isNamed = false

    package init(machine: FilePath, own: FilePath?) {
        self.machine = machine
        self.own = own
    }

    /// The places by the environment.
    package init(environment: (String) -> String?) {
        func place(_ variable: String) -> String? { environment(variable).flatMap { $0.isEmpty ? nil : $0 } }
        machine = "/etc/socle/trust.json"
        if let named = place("SOCLE_TRUST") {
            own = FilePath(named)
            isNamed = true
        } else {
            let folder = place("XDG_CONFIG_HOME") ?? place("HOME").map { "\($0)/.config" }
            own = folder.map { FilePath($0).appending("socle/trust.json") }
        }
    }

    /// The file that is changed when rules are: the one that was named, else root's is the machine's.
    package func changed(isRoot: Bool) -> FilePath { isRoot && !isNamed ? machine : own ?? machine }

    /// The policies that are there. A file that can't be read is an error: without it nobody knows what to refuse.
    package func read() throws(TrustError) -> [TrustPolicy] {
        var policies: [TrustPolicy] = []
        for path in [machine] + (own.map { [$0] } ?? []) {
            if let policy = try Self.read(path) { policies.append(policy) }
        }
        return policies
    }

    /// One policy, nil where there is no such file.
    package static func read(_ path: FilePath) throws(TrustError) -> TrustPolicy? {
        let bytes: [UInt8]
        do throws(SystemError) {
            let file = try HostPath.openForReading(path)
            bytes = try DescriptorIO.readAll(file.raw, limit: TrustPolicy.sizeLimit)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw TrustError(.policy(file: path.string, detail: "\(error)"))
        }
        return try TrustPolicy(parsing: bytes, file: path.string)
    }

    /// Writes a policy to its file: whole or not at all.
    package static func write(_ policy: TrustPolicy) throws(TrustError) {
        let path = FilePath(policy.file)
        guard let name = path.lastComponent?.string else { return }
        let text = policy.json.serialized(indent: 2) + "\n"
        do throws(SystemError) {
            let folder = try Directory.holding(path, create: true, mode: 0o755)
            let file = try folder.temporaryFile(mode: 0o644)
            try DescriptorIO.write(file.descriptor.raw, Array(text.utf8).span)
            try file.link(as: PathBytes(name), replace: true)
        } catch { throw TrustError(.policy(file: policy.file, detail: "\(error)")) }
    }
}
