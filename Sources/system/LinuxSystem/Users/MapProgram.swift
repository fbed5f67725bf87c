private import Glibc
private import Reporting
private import SystemPackage

/// `newuidmap` and `newgidmap`, which have the rights to map the numbers that were lent to a user.
enum MapProgram {
    private static let folders = ["/usr/bin", "/bin", "/usr/local/bin", "/run/wrappers/bin"]

    /// Maps users and groups of a process that is in a new user namespace.
    static func map(_ users: IDMap, _ groups: IDMap, of process: Int32) throws(RootlessError) {
        let programs = [(try find("newuidmap"), users), (try find("newgidmap"), groups)]
        for (program, map) in programs { try run(program, ["\(process)"] + map.words) }
    }

    private static func find(_ name: String) throws(RootlessError) -> String {
        for folder in folders {
            let path = "\(folder)/\(name)"
            let raw = open(path, O_RDONLY | O_CLOEXEC)
            if raw < 0 { continue }
            let file = OwnedDescriptor(adopting: raw)
            guard let status = try? FileStatus(of: file.raw), status.kind == .file else { continue }
            if status.uid == 0, status.permissions & 0o4000 != 0 { return path }
            // Some distributions give it its rights as a capability instead.
            if let names = try? ExtendedAttributes.names(of: file.raw), names.contains("security.capability") { return path }
            throw RootlessError(
                .forbidden,
                "\(path) isn't setuid root, so it can't map the numbers of users that were lent to this user",
                hint: "install the package uidmap again, or set SOCLE_ONE_ID=1 to go on with this user's own number alone"
            )
        }
        throw RootlessError(
            .notFound,
            "\(name) is not installed, so the numbers of users that were lent to this user can't be mapped",
            hint: "apt-get install uidmap, or set SOCLE_ONE_ID=1 to go on with this user's own number alone"
        )
    }

    private static func run(_ program: String, _ words: [String]) throws(RootlessError) {
        let (status, said): (Int32, String)
        do throws(SystemError) { (status, said) = try outcome([program] + words) } catch {
            throw RootlessError(error, "running \(program)")
        }
        if status != 0 { throw explained(program, said, status) }
    }

    private static func outcome(_ words: [String]) throws(SystemError) -> (status: Int32, said: String) {
        var pipe = try Pipe()
        let null = OwnedDescriptor(adopting: try check("open", "/dev/null") { open("/dev/null", O_RDWR | O_CLOEXEC) })
        let child = try ChildProgram(words, environment: [])
            .start(input: null.raw, output: null.raw, error: pipe.writingEnd)
        pipe.closeWriting()
        let said = try DescriptorIO.readAll(pipe.reading.raw, limit: 65_536)
        return (try child.wait(), String(decoding: said, as: UTF8.self))
    }

    private static func explained(_ program: String, _ said: String, _ status: Int32) -> RootlessError {
        let reason = said.split(whereSeparator: \.isNewline).first.map(String.init) ?? "exit status \(status)"
        return RootlessError(
            .forbidden,
            "mapping users: \(reason.hasPrefix("new") ? reason : "\(program): \(reason)")",
            hint: "look at this user's lines in /etc/subuid and /etc/subgid, or set SOCLE_ONE_ID=1 to go on without them"
        )
    }
}
