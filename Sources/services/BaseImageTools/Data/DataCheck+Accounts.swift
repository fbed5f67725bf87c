import ELFFormat
import LinuxSystem
import OCISpec

extension DataCheck {
    private static let fileLimit = 1 << 20

    /// W-PASSWD
    func passwd() throws -> Finding? {
        let asking = facts.calls.intersection(["getpwuid", "getpwuid_r", "getpwnam", "getpwnam_r"]).sorted()
        guard let reason = asking.first ?? (facts.go != nil && facts.traces.contains(.accounts) ? "os/user" : nil)
        else {
            return nil
        }
        let uid = settings.user.uid
        let text = try root.contents("/etc/passwd", limit: Self.fileLimit)
        let knows = String(decoding: text ?? [], as: UTF8.self).split(separator: "\n").contains { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            return fields.count > 2 && fields[2] == String(uid)
        }
        if knows { return nil }
        return finding(
            .passwd,
            text == nil
                ? "asks for users, and the image has no /etc/passwd" : "asks for users, and \(uid) is none of them",
            because: "it calls \(reason)",
            ["COPY --from=build /etc/passwd /etc/group /etc/"],
            ["/etc/passwd"]
        )
    }

    /// W-NSS and I-NSS
    func nameService() throws -> [Finding] {
        let configuration = try root.contents("/etc/nsswitch.conf", limit: Self.fileLimit)
        if let go = facts.go, let minor = go.minorVersion, minor < 16, configuration == nil {
            return [
                finding(
                    .nameService,
                    "doesn't read /etc/hosts without /etc/nsswitch.conf",
                    because: "it is made by \(go.version)",
                    ["RUN echo 'hosts: files dns' > /etc/nsswitch.conf"],
                    ["/etc/nsswitch.conf"]
                )
            ]
        }
        guard let version = facts.glibc, asksForNames else { return [] }
        let folder = facts.started.links?.objects.first { $0.file.dynamic?.soname == "libc.so.6" }?.folder ?? "/lib"
        var found: [Finding] = []
        if version.lexicographicallyPrecedes([2, 34]) {
            for name in ["libnss_files.so.2", "libnss_dns.so.2"] where try !exists("\(folder)/\(name)") {
                found.append(
                    finding(
                        .nameService,
                        "needs \(name) to look up names, and the image hasn't got it",
                        because: "glibc \(version.map(String.init).joined(separator: ".")) loads it when it is asked",
                        ["COPY --from=build \(folder)/\(name) \(folder)/"],
                        [PathBytes("\(folder)/\(name)")]
                    )
                )
            }
        }
        return try found + absentModules(configuration ?? [], folder)
    }

    private var asksForNames: Bool {
        !facts.calls.isDisjoint(with: ["getaddrinfo", "gethostbyname", "getpwuid", "getpwnam", "getgrgid", "getgrnam"])
    }

    /// What nsswitch.conf names and the image lacks is skipped by the C library.
    private func absentModules(_ configuration: [UInt8], _ folder: String) throws -> [Finding] {
        var found: [Finding] = []
        for line in String(decoding: configuration, as: UTF8.self).split(separator: "\n") {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard words.first == "hosts:" || words.first == "passwd:" || words.first == "group:" else { continue }
            for module in words.dropFirst()
            where !module.hasPrefix("[") && !["files", "dns", "compat", "db"].contains(module) {
                if try exists("\(folder)/libnss_\(module).so.2") { continue }
                found.append(
                    finding(
                        .nameServiceModule,
                        "skips \"\(module)\" of /etc/nsswitch.conf: libnss_\(module).so.2 isn't in the image",
                        because: "line \"\(words.joined(separator: " "))\"",
                        []
                    )
                )
            }
        }
        return found
    }
}
