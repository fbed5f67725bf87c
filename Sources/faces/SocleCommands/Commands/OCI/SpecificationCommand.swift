import BundleRuntime
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// `socle oci spec`.
struct SpecificationCommand: OCICommand {
    static let usage = Usage("", 0...0, "Write a config.json to begin with")
    @FlagListing<Self> static var flags: [Flag<Self>] {
        Flag.value("bundle", short: "b", \.bundle, as: "path", "Folder to write it to (default \".\")")
        Flag.toggle("rootless", \.isRootless, "For a user who isn't root")
    }
    var operands: [String] = []
    var bundle = "."
    var isRootless = false

    func run(in session: Session) throws -> ExitCode {
        let value = SampleSpecification.value(isRootless: isRootless, uid: Terminal.userID, gid: Terminal.groupID)
        let text = value.serialized(indent: 1).split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let content = line.drop { $0 == " " }
            return String(repeating: "\t", count: line.count - content.count) + content
        }
        .joined(separator: "\n")
        do throws(SystemError) { try BundleDocuments.add(Array((text + "\n").utf8), to: FilePath(bundle)) } catch {
            if error.errno != .fileExists { throw error }
            throw PlainFailure(.conflict, "File config.json exists. Remove it first")
        }
        return .success
    }
}

/// `socle oci features`.
struct FeaturesCommand: OCICommand {
    static let usage = Usage("", 0...0, "Show what this runtime can do")
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        session.output.print(RuntimeFeatures.value(version: SocleVersion.text).serialized(indent: 4))
        return .success
    }
}
