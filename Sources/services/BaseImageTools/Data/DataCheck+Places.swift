import LinuxSystem
import OCISpec

extension DataCheck {
    /// W-TMP
    func temporaryFolder() throws -> Finding? {
        let makers: Set = [
            "mkstemp", "mkstemp64", "mkostemp", "mkostemp64", "mkdtemp", "tmpfile", "tmpfile64", "tempnam",
        ]
        let calls = facts.calls.intersection(makers).sorted()
        let reason: String
        if let call = calls.first {
            reason = "it calls \(call)"
        } else if facts.go != nil, facts.traces.contains(.temporaryFolder) {
            reason = "it calls os.TempDir"
        } else if let language = facts.language, [.java, .python, .ruby, .node, .dotnet].contains(language) {
            reason = "programs of its language make temporary files"
        } else {
            return nil
        }
        let place = variable("TMPDIR") ?? "/tmp"
        guard let folder = try root.find(PathBytes(place)) else {
            return finding(
                .temporary,
                "makes temporary files, and the image has no \(place)",
                because: reason,
                ["COPY --from=scratch --chmod=1777 / \(place)/", "# or WORKDIR \(place)"],
                [PathBytes(place)]
            )
        }
        if folder.kind == .directory, settings.mayWrite(folder) { return nil }
        return finding(
            .temporary,
            "makes temporary files, and user \(settings.user.uid) can't write to \(place) "
                + "(mode \(String(folder.mode, radix: 8)))",
            because: reason,
            ["COPY --from=scratch --chmod=1777 / \(place)/"],
            [PathBytes(place)]
        )
    }

    /// W-HOME: only where somebody named a home; `/` is what everybody else has.
    func home() throws -> Finding? {
        guard settings.user.uid != 0, let home = try variable("HOME") ?? homeOfUser() else { return nil }
        if ["/", "/nonexistent", "/var/empty", "/dev/null"].contains(home) { return nil }
        let folder = try root.find(PathBytes(home))
        if let folder, folder.kind == .directory, settings.mayWrite(folder) { return nil }
        let uid = settings.user.uid
        return finding(
            .home,
            folder == nil
                ? "has the home directory \(home), which isn't in the image"
                : "has the home directory \(home), which user \(uid) can't write to",
            because: "it runs as user \(uid)",
            ["COPY --from=scratch --chown=\(uid):\(settings.user.gid) / \(home)/", "# or WORKDIR \(home)"],
            [PathBytes(home)]
        )
    }

    private func homeOfUser() throws -> String? {
        let text = try root.contents("/etc/passwd", limit: 1 << 20) ?? []
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 5, fields[2] == String(settings.user.uid) { return String(fields[5]) }
        }
        return nil
    }

    /// I-LOCALE
    func locale() throws -> Finding? {
        guard facts.glibc != nil, let name = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first else {
            return nil
        }
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        let charset = parts.count > 1 ? parts[1].filter { $0.isLetter || $0.isNumber }.lowercased() : nil
        // The C library has these inside since 2.35.
        if ["C", "POSIX"].contains(parts.first ?? "") && (charset == nil || charset == "utf8") { return nil }
        let normal = ([parts.first ?? ""] + [charset].compactMap(\.self)).joined(separator: ".")
        if try exists("/usr/lib/locale/\(normal)") || exists("/usr/lib/locale/\(name)") { return nil }
        if let archive = try root.contents("/usr/lib/locale/locale-archive", limit: 256 << 20),
            ByteSearch.firstIndex(of: Array(normal.utf8), in: archive) != nil
        {
            return nil
        }
        return finding(
            .locale,
            "runs with the locale \"\(name)\", which isn't in the image: it gets C instead",
            because: "LANG or LC_ALL is set in the image",
            ["ENV LANG=C.UTF-8"]
        )
    }
}
