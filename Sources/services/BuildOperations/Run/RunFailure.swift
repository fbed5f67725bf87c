import BuildDefinition
import ContainerRuntime
import Reporting

/// Words for a RUN that didn't work.
struct RunFailure {
    private let operation: RunOperation

    init(_ operation: RunOperation) { self.operation = operation }

    private var start: String {
        "process \"\(operation.arguments.joined(separator: " "))\" did not complete successfully: "
    }

    /// The program ended, and not well.
    func failure(_ status: ExitStatus) -> PlainFailure {
        PlainFailure(.conflict, "\(start)exit code: \(status.code)", hint: hint(status))
    }

    /// Runs what starts the program: one that can't be started has failed as well.
    func explaining<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as RuntimeError where error.exitCode != 125 {
            throw PlainFailure(error.kind, start + reason(error), hint: hint(error))
        }
    }

    /// The runtime's words, without what it was about to do.
    private func reason(_ error: RuntimeError) -> String {
        let prefix = "unable to start container process: "
        let text = error.description
        return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    }

    private func hint(_ error: RuntimeError) -> String? {
        let program = operation.arguments.first ?? ""
        let isShell = operation.arguments.count > 1 && program.hasSuffix("/sh") && operation.arguments[1] == "-c"
        if error.exitCode == 127, isShell {
            return "the image has no shell \(program): use the exec form, RUN [\"program\", \"argument\"],"
                + " or a base that has one"
        }
        // What was found out about the file says more than the kernel's number does.
        if let reason = error.hint { return reason }
        switch error.exitCode {
        case 127: return "\"\(program)\" is not in the image, or not in the PATH of this step"
        case 126: return "\"\(program)\" is there, but it is not executable"
        default: return nil
        }
    }

    private func hint(_ status: ExitStatus) -> String? {
        if status.outOfMemory { return "the kernel killed it: its memory limit was reached" }
        switch status.reason {
        case .exited(127):
            return "127 is a shell's word for a command that it doesn't find: it isn't installed, or not in PATH"
        case .exited(126):
            return "126 is a shell's word for a command that it finds but may not execute: chmod +x is missing"
        case .exited(137), .signalled(9):
            return "something killed it, perhaps the kernel because the machine had no memory left"
        default: return nil
        }
    }
}
