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
