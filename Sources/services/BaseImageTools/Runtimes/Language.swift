import LinuxSystem

/// A language whose programs are run by another program.
enum Language: String, Sendable, CaseIterable {
    case python = "python3"
    case node, java, ruby, dotnet, perl, php, lua
    case erlang = "erl"
    case rlang = "R"

    /// By the name of the program that runs: `/usr/bin/python3.11`.
    init?(program: PathBytes) {
        let name = program.components.last?.description ?? ""
        let stem = name.prefix { $0.isLetter }
        // `node_exporter` isn't node; `python3.11` is Python.
        guard name.dropFirst(stem.count).allSatisfy({ $0.isNumber || $0 == "." }) else { return nil }
        switch stem {
        case "python", "pypy": self = .python
        case "node", "nodejs": self = .node
        case "java": self = .java
        case "ruby": self = .ruby
        case "dotnet": self = .dotnet
        case "perl": self = .perl
        case "php": self = .php
        case "lua", "luajit": self = .lua
        case "erl", "erlexec": self = .erlang
        case "R", "Rscript": self = .rlang
        default: return nil
        }
    }

    /// Files of a language's own library, one of which has to be there.
    struct Library {
        var what: String
        var candidates: [PathBytes]
        /// Whether the interpreter ends at once without it.
        var isFatal: Bool
    }

    /// What the interpreter at `program` can't do without; nil where that isn't known.
    func library(of program: PathBytes, _ settings: CommandSettings, in root: ImageRoot) throws -> Library? {
        let name = program.components.last?.description ?? ""
        let prefix = program.parent.parent
        let prefixes = [prefix, "/usr", "/usr/local"]
        let version = String(name.drop { !$0.isNumber })
        func below(_ paths: String...) -> [PathBytes] {
            prefixes.flatMap { prefix in paths.map { PathBytes(LibrarySearch.join(prefix.description, $0)) } }
        }
        switch self {
        case .python:
            if let home = settings.environment["PYTHONHOME"], !home.isEmpty {
                return Library(
                    what: "Python's standard library",
                    candidates: [PathBytes("\(home)/lib/python\(version.isEmpty ? "*" : version)/encodings")],
                    isFatal: true
                )
            }
            let exact = version.contains(".") ? version : "\(version.isEmpty ? "3" : version).*"
            return Library(
                what: "Python's standard library (lib/python\(exact)/encodings)",
                candidates: below("lib/python\(exact)/encodings", "lib64/python\(exact)/encodings", "lib/python*.zip"),
                isFatal: true
            )
        case .java:
            let home = prefix.description
            return Library(
                what: "Java's modules and virtual machine",
                candidates: [
                    PathBytes("\(home)/lib/server/libjvm.so"), PathBytes("\(home)/lib/*/server/libjvm.so"),
                    PathBytes("\(home)/lib/client/libjvm.so"), PathBytes("\(home)/jre/lib/*/server/libjvm.so"),
                ],
                isFatal: true
            )
        case .ruby:
            return Library(
                what: "Ruby's standard library",
                candidates: below("lib/ruby/*/rbconfig.rb", "lib/ruby/*/*/rbconfig.rb")
                    + below("lib/*/ruby/*/rbconfig.rb", "lib/ruby/*/rubygems.rb"),
                isFatal: true
            )
        case .dotnet:
            return Library(
                what: "the .NET runtime (shared/Microsoft.NETCore.App)",
                candidates: [
                    program.parent.below("shared/Microsoft.NETCore.App/*/System.Private.CoreLib.dll"),
                    "/usr/share/dotnet/shared/Microsoft.NETCore.App/*/System.Private.CoreLib.dll",
                    "/usr/lib/dotnet/shared/Microsoft.NETCore.App/*/System.Private.CoreLib.dll",
                ],
                isFatal: true
            )
        case .perl:
            return Library(
                what: "Perl's library",
                candidates: below(
                    "lib/perl5/*/strict.pm",
                    "share/perl/*/strict.pm",
                    "lib/*/perl-base/strict.pm",
                    "share/perl5/core_perl/strict.pm",
                    "share/perl5/strict.pm"
                ),
                isFatal: false
            )
        case .erlang:
            return Library(
                what: "Erlang's boot files",
                candidates: below("lib/erlang/bin/start.boot", "lib/erlang/releases/*/start.boot"),
                isFatal: true
            )
        case .rlang:
            return Library(
                what: "R's base library",
                candidates: below("lib/R/library/base", "lib64/R/library/base"),
                isFatal: true
            )
        case .node, .php, .lua: return nil
        }
    }

    /// The file that the interpreter's arguments name; nil where they name none, or can't be understood.
    func script(in arguments: [String]) -> String? {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if self == .java, word == "-jar" { return rest.first }
            if !word.hasPrefix("-") {
                return self == .java || self == .erlang || self == .rlang ? nil : word
            }
            if takesCode(word) { return nil }
            if takesValue(word) { _ = rest.popFirst() }
        }
        return nil
    }

    /// Options after which there is no file: code in the command itself, a module, a version.
    private func takesCode(_ option: String) -> Bool {
        switch self {
        case .python: option.hasPrefix("-c") || option.hasPrefix("-m") || ["-V", "--version", "-h"].contains(option)
        case .node: ["-e", "-p", "--eval", "--print", "-v", "--version", "--test", "--run"].contains(option)
        case .ruby, .perl:
            option.contains("e") && !option.hasPrefix("--") || option.hasPrefix("-v") || option == "--version"
        case .php: ["-r", "-S", "-a", "-v", "-m", "-i"].contains(option)
        case .lua: option == "-e" || option == "-v"
        case .java, .dotnet, .erlang, .rlang: false
        }
    }

    private func takesValue(_ option: String) -> Bool {
        switch self {
        case .python: ["-W", "-X"].contains(option)
        case .node: ["-r", "--require", "--import", "-C", "--env-file"].contains(option)
        case .ruby: ["-I", "-r", "-C"].contains(option)
        case .perl: option == "-I"
        case .php: ["-d", "-c", "-t"].contains(option)
        case .lua: option == "-l"
        case .java: ["-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules"].contains(option)
        case .dotnet, .erlang, .rlang: false
        }
    }

    /// Images that have the language.
    var images: [String] {
        switch self {
        case .python: ["FROM python:3-slim"]
        case .node: ["FROM node:lts-slim"]
        case .java: ["FROM eclipse-temurin:21-jre"]
        case .ruby: ["FROM ruby:slim"]
        case .dotnet: ["FROM mcr.microsoft.com/dotnet/runtime:8.0"]
        case .perl: ["FROM perl:slim"]
        case .php: ["FROM php:cli"]
        case .erlang: ["FROM erlang:slim"]
        case .lua, .rlang: ["# start from an image that has the language"]
        }
    }
}
