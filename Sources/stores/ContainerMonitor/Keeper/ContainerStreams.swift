import ContainerRuntime
private import Glibc
import LinuxSystem
private import Reporting
private import SystemPackage

/// The monitor's ends of a container's standard streams.
final class ContainerStreams {
    /// Something that the container writes to.
    final class Source {
        let descriptor: OwnedDescriptor
        let stream: LogRecord.Stream
        let kind: MonitorFrame.Kind
        let wanted: AttachedStreams
        var isOpen = true

        init(_ descriptor: consuming OwnedDescriptor, isError: Bool) {
            self.descriptor = descriptor
            stream = isError ? .error : .output
            kind = isError ? .error : .output
            wanted = isError ? .error : .output
        }
    }

    /// What the container reads from.
    final class Sink {
        let descriptor: OwnedDescriptor
        var waiting: ArraySlice<UInt8> = []
        /// Whether it is closed when all that waits has been taken.
        var ends = false

        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }

    var sources: [Source]
    var sink: Sink?
    let hasTerminal: Bool
    /// Nobody inside has the terminal open; somebody may open it again.
    var isHungUp = false

    private init(_ sources: [Source], _ sink: Sink?, hasTerminal: Bool) {
        self.sources = sources
        self.sink = sink
        self.hasTerminal = hasTerminal
    }

    // MARK: - Making

    /// Launches a container with streams that lead here.
    static func launch(_ order: MonitorOrder, _ body: (consuming RunningContainer, ContainerStreams) -> Void)
        throws(RuntimeError)
    {
        if order.hasTerminal { return try launchOnTerminal(order, body) }
        let (given, streams) = try wrap { () throws(SystemError) in try piped(isInteractive: order.isInteractive) }
        let container = try order.executor.launch(
            order.launchRequest(.descriptors(input: given.input, output: given.output, error: given.error))
        )
        given.close()
        body(container, streams)
    }

    private static func launchOnTerminal(
        _ order: MonitorOrder,
        _ body: (consuming RunningContainer, ContainerStreams) -> Void
    ) throws(RuntimeError) {
        var container = try order.executor.launch(
            order.launchRequest(.terminal(rows: order.rows, columns: order.columns))
        )
        guard let master = container.takeTerminal() else {
            throw RuntimeError(.internal, "the container has no terminal")
        }
        body(container, try wrap { () throws(SystemError) in try terminal(master, order.isInteractive) })
    }

    private static func wrap<Value>(_ body: () throws(SystemError) -> Value) throws(RuntimeError) -> Value {
        do { return try body() } catch {
            throw RuntimeError(error.kind, "making the container's streams: \(error)")
        }
    }

    /// The container's own ends, closed here when it has them.
    private final class GivenStreams {
        private(set) var input: CInt = -1
        private(set) var output: CInt = -1
        private(set) var error: CInt = -1

        init(input: consuming OwnedDescriptor, output: consuming OwnedDescriptor, error: consuming OwnedDescriptor) {
            self.input = input.release()
            self.output = output.release()
            self.error = error.release()
        }

        func close() {
            for descriptor in [input, output, error] where descriptor >= 0 { _ = Glibc.close(descriptor) }
            (input, output, error) = (-1, -1, -1)
        }

        deinit { close() }
    }

    private static func piped(isInteractive: Bool) throws(SystemError) -> (GivenStreams, ContainerStreams) {
        let (outputReader, outputWriter) = try pipe()
        let (errorReader, errorWriter) = try pipe()
        try NonBlocking.set(outputReader.raw)
        try NonBlocking.set(errorReader.raw)
        var sink: Sink?
        let input: OwnedDescriptor
        if isInteractive {
            let (reader, writer) = try pipe()
            try NonBlocking.set(writer.raw)
            sink = Sink(writer.take())
            input = reader.take()
        } else {
            input = try Directory.open("/dev").open("null", flags: O_RDONLY)
        }
        let streams = ContainerStreams(
            [Source(outputReader.take(), isError: false), Source(errorReader.take(), isError: true)],
            sink,
            hasTerminal: false
        )
        return (GivenStreams(input: input, output: outputWriter.take(), error: errorWriter.take()), streams)
    }

    /// An end of a pipe until somebody takes it.
    private final class PipeEnd {
        private var descriptor: CInt
        init(_ descriptor: CInt) { self.descriptor = descriptor }
        var raw: CInt { descriptor }

        func take() -> OwnedDescriptor {
            defer { descriptor = -1 }
            return OwnedDescriptor(adopting: descriptor)
        }

        deinit { if descriptor >= 0 { _ = Glibc.close(descriptor) } }
    }

    private static func pipe() throws(SystemError) -> (reader: PipeEnd, writer: PipeEnd) {
        let pipe = try Pipe()
        let reader = try pipe.reading.duplicate().release()
        let writer = try OwnedDescriptor.duplicate(of: pipe.writingEnd).release()
        return (PipeEnd(reader), PipeEnd(writer))
    }

    private static func terminal(_ master: borrowing OwnedDescriptor, _ isInteractive: Bool) throws(SystemError)
        -> ContainerStreams
    {
        try NonBlocking.set(master.raw)
        return ContainerStreams(
            [Source(try master.duplicate(), isError: false)],
            isInteractive ? Sink(try master.duplicate()) : nil,
            hasTerminal: true
        )
    }
}
