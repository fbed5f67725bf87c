/// Paths with slashes, as text: no file is looked at.
public enum CleanPath {
    /// The shortest path that says the same: no empty, `.` or resolvable `..` components, no slash at the end.
    public static func clean(_ path: String) -> String {
        let isAbsolute = path.hasPrefix("/")
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isAbsolute {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return isAbsolute ? "/" + joined : joined.isEmpty ? "." : joined
    }

    /// `path` seen from `directory`, cleaned; an absolute path is seen from nowhere.
    public static func join(_ directory: String, _ path: String) -> String {
        clean(path.hasPrefix("/") ? path : directory + "/" + path)
    }
}
