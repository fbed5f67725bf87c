/// Paths as a container sees them, taken as text.
package enum ContainerPath {
    /// Without `.`, `..`, empty steps and a slash at the end, as Go's `path.Clean` answers for an absolute path.
    package static func cleaned(_ path: String) -> String {
        var steps: [Substring] = []
        for step in path.utf8.split(separator: UInt8(ascii: "/")).map(Substring.init) where step != "." {
            if step == ".." { _ = steps.popLast() } else { steps.append(step) }
        }
        // Joining parts of texts looks for types at run time: dear for what every container's mounts pass.
        var cleaned = ""
        for step in steps {
            cleaned += "/"
            cleaned += String(step)
        }
        return cleaned.isEmpty ? "/" : cleaned
    }
}
