private import Glibc
internal import LinuxSystem
internal import Reporting
internal import SystemPackage

/// Programs of the host's that networks need.
enum HostProgram {
    /// Where it is; an error where it isn't installed.
    ///
    /// - Parameter need: the beginning of what that error says, as `networks of your own need`.
    static func find(
        _ name: String,
        in folders: [FilePath],
        _ need: String,
        hint: String
    ) throws(PlainFailure) -> FilePath {
        if let program = HostPath.program(name, in: folders) { return program }
        throw PlainFailure(.unsupported, "\(need) \(name), which is not installed", hint: hint)
    }

    /// The last line that a program wrote into a file in memory, without those that are never the reason.
    static func lastLine(of said: borrowing OwnedDescriptor, besides noise: String) throws(SystemError) -> Substring? {
        try check("lseek") { lseek(said.raw, 0, SEEK_SET) }
        let text = String(decoding: try DescriptorIO.readAll(said.raw, limit: 65_536), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).last { !$0.contains(noise) }
    }
}
