import ContainerRuntime
import ELFFormat
import LinuxSystem
import OCISpec

/// A program for another processor that the kernel refused to run: it knows no emulator for it, or can't reach the one
/// that it knows.
struct ForeignProgram {
    /// As images' platforms have it.
    var architecture: String
    /// What the kernel would run such programs with.
    var emulator: BinaryFormats.Format?

    /// The program that a finding of the wrong processor is about; nil where it can't be read any more.
    init?(_ finding: Finding, in root: ImageRoot, formats: BinaryFormats = .current()) throws {
        guard finding.code == .architecture, let path = finding.paths.first, let entry = try root.find(path),
            case .success(let file) = try root.program(entry)
        else { return nil }
        architecture = file.target.architecture
        emulator = formats.format(of: try root.head(of: entry, count: ScriptLine.readSize))
    }

    /// The finding in words that say what this machine lacks.
    func explained(_ finding: Finding) -> Finding {
        var finding = finding
        let machine = Platform.host.architecture
        finding.message = "is a program for \(architecture), and this machine is \(machine): "
        guard let emulator else {
            finding.message += "no emulator is registered for it"
            finding.cure = [
                "apt-get install qemu-user-static binfmt-support   # on this machine, or",
                "# or make what needs no emulator in a stage FROM --platform=$BUILDPLATFORM",
            ]
            return finding
        }
        finding.message += "its emulator \(emulator.interpreter) isn't in the image"
        finding.cure = [
            "# register \(emulator.name) with the flag F, so that the kernel keeps the emulator open:",
            "update-binfmts --disable \(emulator.name) && update-binfmts --enable \(emulator.name)   # with fix_binary yes",
        ]
        return finding
    }
}
