internal import CLinuxShims
internal import Glibc
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

extension OCIExecutor {
    /// Starts another program in a container, by the runtime that made it: that alone knows where the container's
    /// processes are. The program becomes a child of this process, which is made a "subreaper".
    package func exec(_ request: ExecRequest) throws(RuntimeError) -> RunningContainer {
        let document: [UInt8]
        do { document = try JSON.encode(request.spec.process) } catch {
            throw RuntimeError(.internal, "writing the program's process.json: \(error)")
        }
        _ = try system("taking the program as a child") { () throws(SystemError) in try check("prctl") { linux_become_subreaper() } }
        // Several may be under way; what one of a killed command leaves goes with the bundle.
        let name = "exec-\(getpid())-\(FileTime.now.inNanoseconds)"
        let place = bundle.appending(name)
        defer { try? Directory.open(bundle).removeTree(PathBytes(name)) }
        let folder = try system("making a folder for the program") { () throws(SystemError) in
            try Directory.open(place, create: true, mode: 0o700)
        }
        try system("writing the program's process.json") { () throws(SystemError) in
            try OCIBundle.write("process.json", document, folder)
        }
        let words = [
            "exec", "--process", place.appending("process.json").string, "--detach",
            "--pid-file", place.appending("pid").string,
        ]
        let terminal = try runtime(words, on: request.id, request.io, RuntimeCall(.exec, place, request.spec), folder)
        let pid = try pid(folder)
        let descriptor = try system("opening the program's process") { () throws(SystemError) in
            try ProcessDescriptor.open(pid)
        }
        return RunningContainer(pid: pid, pidfd: descriptor, terminal: terminal, afterwards: .init(settle: {}))
    }
}

/// One call of an OCI runtime: what for, and the folder for its log and its other files.
struct RuntimeCall {
    enum Purpose { case create, exec }

    var purpose: Purpose
    var folder: FilePath
    /// The program's name, as its first argument has it.
    var program: String

    init(_ purpose: Purpose, _ folder: FilePath, _ spec: RuntimeSpec) {
        self.purpose = purpose
        self.folder = folder
        program = spec.process?.args?.first ?? ""
    }
}
