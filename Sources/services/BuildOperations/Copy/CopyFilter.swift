import DockerfileSyntax
import LinuxSystem
import Reporting

/// Which of the names below a source are copied: what `--parents` asks for, without what `--exclude` says.
struct CopyFilter {
    /// Everything but what is asked for, as an ignore file would say it; nil: everything is asked for.
    private var unwanted: IgnorePatterns?
    private var excluded: IgnorePatterns

    /// - Parameters:
    ///   - wanted: a pattern relative to the source, in which `**` stands for any number of directories; nil is everything.
    ///   - excluded: patterns relative to the source, as in an ignore file.
    init(wanted: String? = nil, excluded: [String]) throws {
        unwanted = try wanted.map { try IgnorePatterns(["**", "!\($0)"]) }
        self.excluded = try IgnorePatterns(excluded)
    }

    /// Whether everything is copied, so that nobody needs to ask.
    var isOpen: Bool { unwanted == nil && excluded.rules.isEmpty }

    /// Whether what has this path below the source is copied.
    func takes(_ path: String) -> Bool {
        !(unwanted?.match(path).isIgnored ?? false) && !excluded.match(path).isIgnored
    }

    /// Whether something below a directory may be copied.
    func mayTake(below directory: String) -> Bool {
        if let unwanted, unwanted.match(directory).isIgnored, !unwanted.mayReinclude(below: directory) { return false }
        return !excluded.match(directory).isIgnored || excluded.mayReinclude(below: directory)
    }
}
