import LinuxSystem

/// The part of a language's own library that its interpreter can't do without.
struct LanguageLibrary: Sendable, Hashable {
    /// What it is called.
    var what: String
    /// Files, one of which has to be there; a star stands for anything in one step.
    var candidates: [PathBytes]
    /// Whether the interpreter ends at once without it.
    var isFatal = true

    /// Of the interpreter at `program`; nil where that isn't known.
    init?(_ language: Language, of program: PathBytes, _ settings: CommandSettings) {
        switch language {
        case .python: self.init(python: program, settings)
        case .java:
            self.init(
                what: "Java's virtual machine",
                candidates: ["lib/server", "lib/*/server", "lib/client", "jre/lib/*/server"].map { folder in
                    program.parent.parent.below(PathBytes("\(folder)/libjvm.so"))
                }
            )
        case .dotnet:
            let folders: [PathBytes] = [program.parent, "/usr/share/dotnet", "/usr/lib/dotnet"]
            self.init(
                what: "the .NET runtime (shared/Microsoft.NETCore.App)",
                candidates: folders.map { $0.below("shared/Microsoft.NETCore.App/*/System.Private.CoreLib.dll") }
            )
        case .ruby, .perl, .erlang, .rlang:
            guard let (what, files) = Self.files[language] else { return nil }
            self.init(what: what, candidates: Self.below(program, files), isFatal: language != .perl)
        case .node, .php, .lua: return nil
        }
    }

    private init(what: String, candidates: [PathBytes], isFatal: Bool = true) {
        self.what = what
        self.candidates = candidates
        self.isFatal = isFatal
    }

    /// Python looks for a folder of its version, below PYTHONHOME or below where it is installed.
    private init(python program: PathBytes, _ settings: CommandSettings) {
        let name = program.components.last?.description ?? ""
        let version = String(name.drop { !$0.isNumber })
        let exact = version.contains(".") ? version : "\(version.isEmpty ? "3" : version).*"
        let files = ["lib/python\(exact)/encodings", "lib64/python\(exact)/encodings", "lib/python*.zip"]
        let home = settings.environment["PYTHONHOME"].flatMap { $0.isEmpty ? nil : $0 }
        self.init(
            what: "Python's standard library (lib/python\(exact)/encodings)",
            candidates: home.map { home in files.map { PathBytes("\(home)/\($0)") } } ?? Self.below(program, files)
        )
    }

    private static let files: [Language: (String, [String])] = [
        .ruby: (
            "Ruby's standard library",
            [
                "lib/ruby/*/rbconfig.rb", "lib/ruby/*/*/rbconfig.rb", "lib/*/ruby/*/rbconfig.rb",
                "lib/ruby/*/rubygems.rb",
            ]
        ),
        .perl: (
            "Perl's library",
            [
                "lib/perl5/*/strict.pm", "share/perl/*/strict.pm", "lib/*/perl-base/strict.pm",
                "share/perl5/core_perl/strict.pm", "share/perl5/strict.pm",
            ]
        ),
        .erlang: ("Erlang's boot files", ["lib/erlang/bin/start.boot", "lib/erlang/releases/*/start.boot"]),
        .rlang: ("R's base library", ["lib/R/library/base", "lib64/R/library/base"]),
    ]

    /// Files below where the program is installed, and below the usual places.
    private static func below(_ program: PathBytes, _ files: [String]) -> [PathBytes] {
        [program.parent.parent, "/usr", "/usr/local"].flatMap { prefix in
            files.map { prefix.below(PathBytes($0)) }
        }
    }
}
