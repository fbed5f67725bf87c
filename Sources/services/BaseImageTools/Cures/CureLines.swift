import ELFFormat
import LinuxSystem
import OCISpec

/// Lines for a Dockerfile that mend what is missing, with comments where there is a choice.
///
/// `build` is the stage that the program was made in.
enum CureLines {
    /// A shell form in an image without a shell.
    static func execForm(_ command: String, _ instruction: String) -> [String] {
        let word =
            switch instruction {
            case "HEALTHCHECK": "HEALTHCHECK CMD"
            case "CMD", "ENTRYPOINT", "RUN": instruction
            default: "CMD"
            }
        let plain = command.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            default: Array(" ./_-=:,@%+".utf8).contains(byte)
            }
        }
        guard plain, !command.isEmpty else {
            return ["# write it as a list, which needs no shell", "\(word) [\"/program\", \"argument\"]"]
        }
        var words = command.split(separator: " ").map(String.init)
        if words.first == "exec" { words.removeFirst() }
        return ["\(word) [" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]"]
    }

    static func absentProgram(_ name: String, _ instruction: String, _ root: ImageRoot) -> [String] {
        let file = name.split(separator: "/").last.map(String.init) ?? name
        if name.contains("/") { return ["COPY --from=build \(name) \(name)", "# or correct \(instruction)"] }
        if let tool = PackageTool(in: root) {
            return [tool.install([tool.package(ofInterpreter: name)]), "# or correct \(instruction) or PATH"]
        }
        return ["COPY --from=build /usr/bin/\(file) /usr/bin/\(file)", "# or correct \(instruction) or PATH"]
    }

    static func executable(_ path: PathBytes) -> [String] {
        ["COPY --chmod=755 \(path.components.last?.description ?? "app") \(path)"]
    }

    /// A script's interpreter: a path, or a name that `env` looks up.
    static func interpreter(_ path: String, _ root: ImageRoot) -> [String] {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if let tool = PackageTool(in: root) {
            return [tool.install([tool.package(ofInterpreter: name)]), "# or change the script's first line"]
        }
        switch name {
        case "sh", "ash", "env", "busybox":
            return [
                "COPY --from=busybox:musl /bin/busybox \(path.hasPrefix("/") ? path : "/bin/\(name)")",
                "# or start a program instead of the script",
            ]
        case "bash": return ["FROM debian:bookworm-slim", "# or make it a script for /bin/sh"]
        case "python", "python3": return ["FROM python:3-slim"]
        case "node": return ["FROM node:lts-slim"]
        case "ruby": return ["FROM ruby:slim"]
        case "perl": return ["FROM perl:slim"]
        case "php": return ["FROM php:cli"]
        default: return ["# bring \(path) into the image, or change the script's first line"]
        }
    }

    static func architecture(_ architecture: String, _ platform: Platform) -> [String] {
        [
            "# build the program for \(platform), for example", "FROM --platform=$BUILDPLATFORM golang AS build",
            "RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build …",
            "# or build the image for it: socle build --platform linux/\(architecture)",
        ]
    }

    // MARK: - Libraries

    private static func linkedStatically(_ file: ELFFile?) -> [String] {
        let needed = file?.dynamic?.needed ?? []
        if needed.contains(where: { $0.hasPrefix("libswift") }) {
            return [
                "# link it statically", "RUN swift build -c release --static-swift-stdlib -Xswiftc -static-executable",
            ]
        }
        return [
            "# link it statically, by its language",
            "RUN CGO_ENABLED=0 go build …                                 # Go",
            "RUN cargo build --release --target x86_64-unknown-linux-musl  # Rust",
            "RUN cc -static …                                              # C",
            "RUN swift build -c release --static-swift-stdlib -Xswiftc -static-executable",
        ]
    }

    /// The loader that a program names.
    static func loader(_ path: String, _ file: ELFFile, _ root: ImageRoot) -> [String] {
        let isMusl = path.contains("/ld-musl-")
        let libraries = (file.dynamic?.needed ?? []).filter { !isMusl || !Loader.isBuiltIntoMusl($0) }
        var lines = linkedStatically(file)
        lines.append("# or bring the loader and the C library")
        lines.append(isMusl ? "FROM alpine" : "FROM debian:bookworm-slim")
        if PackageTool(in: root) == .apk, !isMusl { lines.append("RUN apk add --no-cache gcompat") }
        lines.append("# or copy what it needs")
        lines.append("COPY --from=build \(path) \(folder(of: path))/")
        lines += libraries.map { copy($0, file.target, isMusl: isMusl) }
        return lines
    }

    private static func copy(_ name: String, _ target: ELFTarget, isMusl: Bool) -> String {
        let place = isMusl ? "/usr/lib" : target.multiarch.map { "/usr/lib/\($0)" } ?? "/usr/lib"
        return "COPY --from=build \(place)/\(name) \(place)/"
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    /// A library that a program or another library needs.
    static func library(_ name: String, _ loader: Loader, _ root: ImageRoot) -> [String] {
        if let tool = PackageTool(in: root), let line = tool.install(library: name, is64Bit: loader.target.is64Bit) {
            return [line]
        }
        guard !name.contains("/") else { return ["COPY --from=build \(name) \(name)"] }
        let package = loader.isMusl ? nil : LibraryPackages.debian(name)
        return [
            "COPY --from=build \(place(name, loader)) \(loader.directories.first ?? "/usr/lib")/"
                + (package.map { "  # Debian's package \($0)" } ?? "")
        ]
    }

    private static func place(_ name: String, _ loader: Loader) -> String {
        if loader.isMusl { return "/usr/lib/\(name)" }
        return loader.target.multiarch.map { "/usr/lib/\($0)/\(name)" } ?? "/usr/lib/\(name)"
    }

    /// A library that is there, where its loader doesn't look.
    static func findable(_ path: String, _ loader: Loader) -> [String] {
        let folder = folder(of: path)
        if loader.isMusl { return ["ENV LD_LIBRARY_PATH=\(folder)"] }
        return ["RUN ldconfig", "# or", "ENV LD_LIBRARY_PATH=\(folder)"]
    }

    static func version() -> [String] {
        [
            "# build in the same distribution and release that the image starts from, or start from the one it was built in",
            "# or link it statically",
        ]
    }
}
