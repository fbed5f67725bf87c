package import ContainerRuntime
package import EventStorage
private import LinuxSystem
private import OCISpec
package import SystemPackage

/// A program that `exec` runs in a container and that no command waits for. It is started and waited for by a process of its
/// own, the same program under the name `socle-exec`, which writes down how it ends.
package struct DetachedExec: Codable, Sendable, Hashable {
    /// `argv[0]` of the process.
    package static let name = "socle-exec"
    private static let orderDescriptor: CInt = 3
    private static let lineDescriptor: CInt = 4
    private static let containerDescriptor: CInt = 5

    /// Of this program, in the container's records and in events.
    package var id: String
    private var container: String
    private var folder: String
    private var spec: RuntimeSpec
    private var passwd: [UInt8]?
    private var cacheDirectory: String
    private var rows: UInt16?
    private var columns: UInt16?
    private var runtime: String?
    private var journal: EventJournal
    private var eventAttributes: [String: String]

    package init(
        _ id: String,
        _ request: ExecRequest,
        runtime: String?,
        folder: FilePath,
        journal: EventJournal,
        eventAttributes: [String: String]
    ) {
        self.id = id
        container = request.id
        self.folder = folder.string
        spec = request.spec
        passwd = request.passwd
        cacheDirectory = request.cacheDirectory.string
        if case .terminal(let rows, let columns) = request.io { (self.rows, self.columns) = (rows, columns) }
        self.runtime = runtime
        self.journal = journal
        self.eventAttributes = eventAttributes
    }

    /// Starts it in the container whose first process `process` is a descriptor of; returns when the program has been
    /// executed.
    package func start(process: CInt) throws(RuntimeError) {
        let line: OwnedDescriptor
        do throws(SystemError) {
            let document = try MonitorProcess.sealed(self)
            let pair = try LinePair()
            try MonitorProcess.spawn(
                [
                    (document.raw, Self.orderDescriptor), (pair.other.raw, Self.lineDescriptor),
                    (process, Self.containerDescriptor),
                ],
                name: Self.name
            )
            line = pair.own
        } catch {
            throw RuntimeError(error.kind, "starting the program's parent: \(error)")
        }
        try MonitorProcess.waitForStart(line)
    }

    /// What the program does under that name; its exit status, which nobody looks at.
    package static func main() -> Int32 {
        let line = OwnedDescriptor(adopting: lineDescriptor)
        let document = OwnedDescriptor(adopting: orderDescriptor)
        let process = OwnedDescriptor(adopting: containerDescriptor)
        guard MonitorProcess.settleIn([line.raw, document.raw, process.raw]) else { return 125 }
        do throws(RuntimeError) {
            try MonitorProcess.read(DetachedExec.self, document.raw).run(process: process.raw, line)
        } catch {
            try? DescriptorIO.write(line.raw, MonitorFrame(.report, MonitorReport.failed(error)).encoded.span)
            return 125
        }
        return 0
    }

    private func run(process: CInt, _ line: borrowing OwnedDescriptor) throws(RuntimeError) {
        var program = try MonitorOrder.executor(runtime: runtime, folder: FilePath(folder)).exec(
            ExecRequest(
                id: container,
                process: process,
                spec: spec,
                io: rows.map { .terminal(rows: $0, columns: columns ?? 0) } ?? .descriptors(input: 0, output: 1, error: 2),
                passwd: passwd,
                cacheDirectory: FilePath(cacheDirectory)
            )
        )
        // From here on it goes on, whatever happens to this process.
        ExecRecord.add(id, pid: program.pid, in: FilePath(folder))
        try? DescriptorIO.write(line.raw, MonitorFrame(.started).encoded.span)
        // Nobody types there, and yet it stays open.
        if let terminal = program.takeTerminal() { try? StreamDrain.start(terminal.raw) }
        let end = try program.wait()
        ExecRecord.remove(id, in: FilePath(folder))
        let attributes = eventAttributes.merging(["execID": id, "exitCode": "\(end.code)"]) { _, new in new }
        journal.tell("exec_die", of: container, attributes, in: FilePath(folder))
    }
}
