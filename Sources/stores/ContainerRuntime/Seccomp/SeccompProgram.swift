private import Glibc
internal import LinuxSystem
internal import OCISpec
internal import SystemPackage

/// The filter of a specification as the kernel takes it, kept between runs.
///
/// Compiling takes libseccomp 10 to 20 milliseconds, a third of what runc needs for a container; loading what is compiled
/// takes a tenth of one. So programs are kept in a folder by a digest of everything that they are made of.
struct SeccompProgram: Sendable {
    /// Changes when the compiler here makes other programs of the same specification.
    private static let version = 2

    let directory: FilePath
    /// The kernel's release: a program that names calls by number is kept apart for each.
    let kernel: String

    /// The program of a filter: from the folder, or compiled and put there.
    func bytes(of seccomp: RuntimeSpec.Seccomp) throws(RuntimeError) -> [UInt8] {
        let name = key(seccomp).hex + ".bpf"
        if let kept = kept(name) { return kept }
        let program = try SeccompCompiler.compile(seccomp)
        keep(program, name)
        return program
    }

    /// Covers everything that enters a program. Texts are put together one by one: joining them looks for types at run time, which took as
    /// long as loading the program.
    func key(_ seccomp: RuntimeSpec.Seccomp) -> Digest {
        var text = "socle seccomp \(Self.version)\n\(kernel)\n\(SeccompProfile.Machine.host.rawValue)\n"
        text += "\(seccomp.defaultAction) \(seccomp.defaultErrnoRet.map { "\($0)" } ?? "-")\n"
        Self.append(seccomp.architectures ?? [], to: &text)
        for rule in seccomp.syscalls ?? [] {
            text += "\(rule.action) \(rule.errnoRet.map { "\($0)" } ?? "-") "
            for argument in rule.args ?? [] {
                text += "\(argument.index) \(argument.op) \(argument.value) \(argument.valueTwo ?? 0),"
            }
            text += ": "
            Self.append(rule.names, to: &text)
        }
        return Digest.of(Array(text.utf8))
    }

    private static func append(_ names: [String], to text: inout String) {
        for name in names {
            text += name
            text += " "
        }
        text += "\n"
    }

    // MARK: - The folder

    private static let magic = Array("socle-bpf1\n".utf8)

    /// What is kept under this name, if it is whole: its own digest stands in front of it.
    private func kept(_ name: String) -> [UInt8]? {
        guard let folder = try? Directory.open(directory),
            let file = try? folder.open(PathBytes(name), flags: 0),
            let bytes = try? DescriptorIO.readAll(file.raw, limit: 1 << 20)
        else { return nil }
        let start = Self.magic.count + 64
        guard bytes.count > start, bytes.starts(with: Self.magic) else { return nil }
        let program = Array(bytes[start...])
        guard bytes[Self.magic.count..<start].elementsEqual(Digest.of(program).hex.utf8) else { return nil }
        return program
    }

    /// A folder that can't be written costs time, not the container.
    private func keep(_ program: [UInt8], _ name: String) {
        let bytes = Self.magic + Array(Digest.of(program).hex.utf8) + program
        guard let folder = try? Directory.open(directory, create: true, mode: 0o700) else { return }
        let temporary = PathBytes("\(name).\(getpid())")
        guard let file = try? folder.open(temporary, flags: O_CREAT | O_EXCL | O_WRONLY, mode: 0o600) else { return }
        do {
            try DescriptorIO.write(file.raw, bytes.span)
            try folder.rename(temporary, to: PathBytes(name))
        } catch {
            try? folder.remove(temporary)
        }
    }
}
