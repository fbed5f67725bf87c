import ContainerRuntime

/// Paths of `cp` as text: a slash or `/.` at the end says something.
enum CopyPath {
    /// An absolute path without `.`, `..` and empty steps; what stood at the end stays.
    static func absolute(_ path: String, in folder: String = "/") -> String {
        let joined = path.hasPrefix("/") ? path : folder + "/" + path
        var cleaned = ContainerPath.cleaned(joined)
        if isDot(path), !isDot(cleaned) { cleaned += cleaned.hasSuffix("/") ? "." : "/." }
        if path.hasSuffix("/"), !cleaned.hasSuffix("/") { cleaned += "/" }
        return cleaned
    }

    /// The last step, whatever slashes follow; `/` for the root.
    static func base(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "/" }

    /// Whether it ends in `.`, which is the directory before it itself.
    static func isDot(_ path: String) -> Bool { base(path) == "." }

    /// Whether it can only be a directory.
    static func isDirectory(_ path: String) -> Bool { path.hasSuffix("/") || isDot(path) }

    /// The folder and the name in it; with `/.` at the end, the folder before and `.`.
    static func split(_ path: String) -> (folder: String, name: String) {
        let cleaned = ContainerPath.cleaned(path)
        if isDot(path) { return (cleaned, ".") }
        let name = base(cleaned)
        if name == "/" { return ("/", "/") }
        let folder = String(cleaned.dropLast(name.count + 1))
        return (folder.isEmpty ? "/" : folder, name)
    }
}

/// What stands at the place that is copied to.
struct CopyDestination: Hashable {
    /// With links at its end followed.
    var path: String
    var exists: Bool
    var isDirectory: Bool
}

/// Where a copy goes, by Docker's rules: into which folder, and under which name.
struct CopyPlan: Hashable {
    var folder: String
    /// Empty: what the source holds goes into the folder itself.
    var name: String

    /// Why there is none.
    enum Refusal: String, Error {
        case directoryOverFile = "cannot copy directory"
        case missingDirectory = "no such directory"
    }

    /// - Parameter name: what the source is called; `.` and `/` for what it holds.
    init(sourceIsDirectory: Bool, name: String, destination: CopyDestination) throws(Refusal) {
        if destination.exists, destination.isDirectory {
            folder = destination.path
            self.name = name == "." || name == "/" ? "" : name
            return
        }
        if destination.exists, sourceIsDirectory { throw .directoryOverFile }
        if !destination.exists, !sourceIsDirectory, CopyPath.isDirectory(destination.path) { throw .missingDirectory }
        (folder, self.name) = CopyPath.split(destination.path)
    }
}
