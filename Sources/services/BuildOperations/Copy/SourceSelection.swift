import DockerfileSyntax
import LinuxSystem
import Reporting

/// The files that a COPY or ADD names in a tree.
struct SourceSelection {
    var tree: any SourceTree

    /// The paths that `source` stands for: itself, or what its pattern matches, sorted. None is an error.
    func paths(for source: String) throws -> [PathBytes] {
        let path = PathBytes(source).clipped
        guard let pattern = SourcePattern(path.bytes), pattern.hasWildcard else {
            // A name like `a[b` is no pattern, and may be a file.
            if try tree.resolve(path) != nil { return [path] }
            throw absence(of: source, path)
        }
        if try tree.status(path) != nil { return [path] }
        let matches = try expand(path.components.map(\.bytes))
        if matches.isEmpty {
            throw PlainFailure(
                .notFound, "no source files were specified: \"\(source)\" matches nothing in \(tree.name)",
                hint: tree.reasonForAbsence(of: path))
        }
        return matches
    }

    /// Matches step by step, so that only directories which can hold a match are read.
    private func expand(_ steps: [[UInt8]]) throws -> [PathBytes] {
        var found: [PathBytes] = [""]
        for step in steps {
            var next: [PathBytes] = []
            for directory in found {
                guard let resolved = try tree.resolve(directory), try tree.status(resolved)?.kind == .directory else {
                    continue
                }
                next += try matches(of: step, in: resolved).map { directory.appending($0) }
            }
            found = next
        }
        return found
    }

    private func matches(of step: [UInt8], in directory: PathBytes) throws -> [PathBytes] {
        guard let pattern = SourcePattern(step), pattern.hasWildcard else {
            let name = PathBytes(step)
            return try tree.status(directory.appending(name)) == nil ? [] : [name]
        }
        return try tree.names(in: directory).filter { pattern.matches($0.bytes) }
    }

    /// Says what is missing, where it was looked for, and what else could have been meant.
    private func absence(of source: String, _ path: PathBytes) -> PlainFailure {
        var hints: [String] = []
        if let reason = tree.reasonForAbsence(of: path) { hints.append("it is \(reason)") }
        let parent = PathBytes(kept: path.components.dropLast())
        if let names = try? tree.names(in: parent).map(\.description) {
            if let near = Suggestion.nearest(to: path.lastName.description, among: names) {
                hints.append("did you mean \"\(parent.appending(PathBytes(near)))\"?")
            }
        }
        return PlainFailure(
            .notFound, "\"\(source)\" not found in \(tree.name)", hint: hints.isEmpty ? nil : hints.joined(separator: "; "))
    }
}
