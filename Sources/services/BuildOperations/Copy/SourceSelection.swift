import DockerfileSyntax
import LinuxSystem
import Reporting

/// The files that a COPY or ADD names in a tree.
struct SourceSelection {
    var tree: any SourceTree

    /// The paths that `source` stands for: itself, or what its pattern matches, sorted. None is an error.
    func paths(for source: String) throws -> (paths: [PathBytes], isPattern: Bool) {
        let path = PathBytes(source).clipped
        let pattern: SourcePattern
        do { pattern = try SourcePattern(source) } catch {
            throw PlainFailure(.invalidArgument, "\"\(source)\": \(error)")
        }
        guard pattern.hasWildcards else {
            if try tree.resolve(path) != nil { return ([path], false) }
            throw absence(of: source, path)
        }
        let matches = try expand(pattern)
        if matches.isEmpty { throw absence(of: source, path) }
        return (matches, true)
    }

    /// Matches step by step, so that only directories which can hold a match are read.
    private func expand(_ pattern: SourcePattern) throws -> [PathBytes] {
        var found: [PathBytes] = [""]
        for component in pattern.components {
            found = try found.flatMap { directory -> [PathBytes] in
                guard let real = try tree.resolve(directory), try tree.status(real)?.kind == .directory else {
                    return []
                }
                return try names(matching: component, in: real).map { directory.appending($0) }
            }
        }
        return found
    }

    private func names(matching component: SourcePattern.Component, in directory: PathBytes) throws -> [PathBytes] {
        switch component {
        case .name(let name): try tree.status(directory.appending(PathBytes(name))) == nil ? [] : [PathBytes(name)]
        case .pattern(let pattern): try tree.names(in: directory).filter { pattern.matches($0.description) }
        // Only `--parents` knows `**`, and it selects by patterns of its own.
        case .anyDepth: []
        }
    }

    /// Says what is missing, where it was looked for, and what else could have been meant.
    func absence(of source: String, _ path: PathBytes) -> PlainFailure {
        if SourcePattern.hasWildcards(source) {
            return PlainFailure(
                .notFound,
                "no source files were specified: \"\(source)\" matches nothing in \(tree.name)"
            )
        }
        var hints: [String] = []
        if let reason = tree.reasonForAbsence(of: path) { hints.append("it is \(reason)") }
        let parent = PathBytes(kept: path.components.dropLast())
        if let names = try? tree.names(in: parent).map(\.description) {
            if let near = Suggestion.nearest(to: path.lastName.description, among: names) {
                hints.append("did you mean \"\(parent.appending(PathBytes(near)))\"?")
            }
        }
        return PlainFailure(
            .notFound,
            "\"\(source)\" not found in \(tree.name)",
            hint: hints.isEmpty ? nil : hints.joined(separator: "; ")
        )
    }
}
