import OCISpec

extension Operation {
    /// What makes the operation what it is, by name. Titles, ranges and undeclared proxies aren't part of it.
    public var keyParts: [KeyPart] {
        var parts = KeyParts()
        switch self {
        case .image(let image):
            parts.add("operation", "image")
            parts.add("reference", image.reference.canonical)
            parts.add("platform", image.platform.description)
        case .local(let local):
            parts.add("operation", "local")
            parts.add("name", local.name)
        case .http(let http):
            parts.add("operation", "http")
            parts.add("url", http.url)
            parts.add("file name", http.fileName)
            parts.add("checksum", http.checksum)
            parts.add("form", http.form == .file ? nil : http.form.rawValue)
        case .git(let git):
            parts.add("operation", "git")
            parts.add("remote", git.remote)
            parts.add("reference", git.reference)
            parts.add("subdirectory", git.subdirectory)
            parts.add("keep git directory", flag: git.keepsGitDirectory)
            parts.add("checksum", git.checksum)
            parts.add("without submodules", flag: !git.hasSubmodules)
            parts.add("times", git.times == .commit ? nil : git.times.rawValue)
        case .file(let file):
            parts.add("operation", "file")
            for action in file.actions { action.add(to: &parts) }
        case .run(let run):
            parts.add("operation", "run")
            run.add(to: &parts)
        }
        return parts.parts
    }

    /// The key parts as bytes: equal for equal operations, on every machine and in every version that knows them.
    public var canonicalBytes: [UInt8] { KeyPart.encode(keyParts) }
}

extension FileAction {
    fileprivate func add(to parts: inout KeyParts) {
        switch self {
        case .makeDirectory(let action):
            parts.add("action", "make directory")
            parts.add("path", action.path)
            parts.add("owner", action.owner)
            parts.add("mode", String(action.mode, radix: 8))
        case .copy(let action):
            parts.add("action", "copy")
            for source in action.sources {
                switch source {
                case .paths(let input, let paths):
                    parts.add("source input", String(input))
                    parts.add("source", each: paths)
                case .inline(let name, let bytes):
                    parts.add("inline name", name)
                    parts.add("inline content", bytes)
                }
            }
            parts.add("destination", action.destination)
            parts.add("unpack", action.unpack == .never ? nil : action.unpack.rawValue)
            parts.add("owner", action.owner)
            // `0755` and `755` are one mode.
            parts.add(
                "mode",
                action.mode.map { mode in mode.absolute.map { String($0, radix: 8) } ?? mode.description }
            )
            parts.add("link", flag: action.link)
            parts.add("parents", flag: action.parents)
            parts.add("exclude", each: action.exclude)
        }
    }
}

extension RunOperation {
    fileprivate func add(to parts: inout KeyParts) {
        parts.add("argument", each: arguments)
        parts.add("environment", each: environment)
        parts.add("user", user)
        parts.add("working directory", workingDirectory)
        parts.add("hostname", hostname)
        parts.add("network", network == .default ? nil : network.rawValue)
        parts.add("security", security == .sandbox ? nil : security.rawValue)
        parts.add("device", each: devices)
        for mount in mounts { mount.add(to: &parts) }
    }
}

extension RunMount {
    fileprivate func add(to parts: inout KeyParts) {
        switch source {
        case .bind(let input, let path):
            parts.add("mount", "bind")
            parts.add("mount input", String(input))
            parts.add("mount source", path)
        case .cache(let id, let sharing, let start):
            parts.add("mount", "cache")
            parts.add("mount id", id)
            parts.add("mount sharing", sharing.rawValue)
            parts.add("mount input", start.map { String($0.input) })
            parts.add("mount source", start?.path)
        case .tmpfs(let size):
            parts.add("mount", "tmpfs")
            parts.add("mount size", size.map { String($0) })
        case .secret(let id, let variable, let required):
            parts.add("mount", "secret")
            parts.add("mount id", id)
            parts.add("mount variable", variable)
            parts.add("mount required", flag: required)
        case .ssh(let id, let required):
            parts.add("mount", "ssh")
            parts.add("mount id", id)
            parts.add("mount required", flag: required)
        case .inline(let bytes):
            parts.add("mount", "inline")
            parts.add("mount content", bytes)
        }
        parts.add("mount target", target)
        parts.add("mount read-only", flag: isReadOnly)
        parts.add("mount mode", mode.map { String($0, radix: 8) })
        parts.add("mount uid", uid.map { String($0) })
        parts.add("mount gid", gid.map { String($0) })
    }
}
