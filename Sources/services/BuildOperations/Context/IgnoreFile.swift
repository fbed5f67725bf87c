import DockerfileSyntax
import LinuxSystem
import Reporting
import SystemPackage

/// The file that keeps files of a local folder out of a build.
enum IgnoreFile {
    static let standardName = ".dockerignore"

    /// `<Dockerfile>.dockerignore` beside the Dockerfile wins over the context's `.dockerignore`; they aren't merged.
    static func patterns(
        in directory: borrowing Directory,
        beside definition: FilePath?
    ) throws -> (IgnorePatterns, file: String) {
        if let definition, let name = definition.lastComponent?.string {
            let own = name + standardName
            if let patterns = try patterns(own, in: Directory.holding(definition)) {
                return (patterns, own)
            }
        }
        return (try patterns(standardName, in: directory) ?? IgnorePatterns(), standardName)
    }

    /// The patterns in a file; nil where there is none.
    static func patterns(_ name: String, in directory: borrowing Directory) throws -> IgnorePatterns? {
        let bytes: [UInt8]
        do { bytes = try directory.readInRoot(PathBytes(name), limit: IgnorePatterns.maximumSize) } catch
            where error.errno == .noSuchFileOrDirectory
        { return nil }
        do { return try IgnorePatterns(parsing: bytes, file: name) } catch {
            throw BuildFailure(error.diagnostics, source: bytes)
        }
    }
}
