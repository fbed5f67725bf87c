import ELFFormat

/// A program or library that a loader has mapped.
struct LoadedObject: Sendable {
    /// As the loader opened it.
    var path: String
    var entry: ImageRoot.Entry
    var file: ELFFile
    /// Which object asked for it first, as an index of the list; nil for the program and the loader.
    var loadedBy: Int?

    /// The directory that `$ORIGIN` stands for.
    var folder: String {
        guard let cut = path.lastIndex(of: "/"), cut > path.startIndex else { return "/" }
        return String(path[..<cut])
    }
}
