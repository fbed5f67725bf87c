private import Glibc
import LinuxSystem
private import SystemPackage

/// Copies between the user's terminal and the master of the container's.
struct TerminalRelay: ~Copyable {
    private static let input: CInt = 0
    private static let output: CInt = 1

    private let master: OwnedDescriptor
    /// The user's terminal in raw mode, while it is the container's.
    private var mode: TerminalMode?
    private var readsInput: Bool
    /// The keys by which the user lets go.
    var detachKeys: DetachKeys?
    private var hasLetGo = false
    private var writesOutput = true
    /// Nobody inside has the terminal open, so that there is nothing to wait for; somebody may open it again.
    private(set) var isHungUp = false
    /// Typed, but not yet taken by the container.
    private var pending: ArraySlice<UInt8> = []
    private var buffer = [UInt8](repeating: 0, count: 16_384)

    /// - Parameter waits: whether a process in the background waits until it is in front.
    init(
        master: consuming OwnedDescriptor,
        readsInput: Bool,
        waits: Bool,
        poller: inout Poller
    ) throws(SystemError) {
        try NonBlocking.set(master.raw)
        poller.watch(master.raw, .readable)
        self.master = master
        self.readsInput = readsInput
        if readsInput {
            mode = TerminalMode(raw: Self.input, waits: waits)
            poller.watch(Self.input, .readable)
        }
        resize()
    }

    /// Gives the container's terminal the size of the user's.
    func resize() {
        if let size = TerminalMode.size() { TerminalMode.resize(master.raw, rows: size.rows, columns: size.columns) }
    }

    /// Lets go of the user's terminal: it is back in its old mode and is neither read nor written any more.
    mutating func detach(_ poller: inout Poller) {
        if readsInput { poller.forget(Self.input) }
        readsInput = false
        writesOutput = false
        mode = nil
    }

    /// Takes the user's terminal again, which the shell had meanwhile.
    func takeAgain() { mode?.makeRaw() }

    /// Whether the user let go: then somebody else reads on what the program writes, which would wait for ever else.
    func isLetGo() throws(SystemError) -> Bool {
        if hasLetGo { try StreamDrain.start(master.raw) }
        return hasLetGo
    }

    mutating func handle(_ descriptor: CInt, _ events: Poller.Events, _ poller: inout Poller) {
        if descriptor == master.raw {
            if events.contains(.writable) { flush(&poller) }
            if !events.isDisjoint(with: [.readable, .hungUp]), copyOutput() == .hungUp {
                poller.forget(master.raw)
                isHungUp = true
            }
        } else if descriptor == Self.input {
            takeInput(&poller)
        }
    }

    /// Looks again whether somebody inside has opened the terminal anew.
    mutating func retry(_ poller: inout Poller) {
        guard isHungUp else { return }
        isHungUp = false
        poller.watch(master.raw, pending.isEmpty ? .readable : [.readable, .writable])
    }

    /// Copies what the container wrote before it ended.
    mutating func drain() { while copyOutput() == .copied {} }

    private enum Outcome { case copied, nothingNow, hungUp }

    /// Reads once from the container.
    private mutating func copyOutput() -> Outcome {
        let count: Int
        do { count = try DescriptorIO.read(master.raw, into: &buffer) } catch {
            // EIO: nobody has the container's terminal open.
            return error.errno == .wouldBlock ? .nothingNow : .hungUp
        }
        if count == 0 { return .hungUp }
        if writesOutput {
            // A reader who went away doesn't stop the container, as with Docker.
            do { try DescriptorIO.write(Self.output, buffer.span.extracting(0..<count)) } catch { writesOutput = false }
        }
        return .copied
    }

    private mutating func takeInput(_ poller: inout Poller) {
        let count = (try? DescriptorIO.read(Self.input, into: &buffer)) ?? 0
        guard count > 0 else {
            poller.forget(Self.input)
            readsInput = false
            return
        }
        pending = buffer[0..<count]
        if detachKeys != nil {
            var passed: [UInt8] = []
            hasLetGo = detachKeys?.pass(pending, to: &passed) == true
            pending = passed[...]
        }
        // No more is read until the container took this: it may be waiting for its own output to be read.
        poller.forget(Self.input)
        flush(&poller)
    }

    private mutating func flush(_ poller: inout Poller) {
        while !pending.isEmpty {
            let count = pending.withUnsafeBytes { Glibc.write(master.raw, $0.baseAddress, $0.count) }
            if count < 0 {
                let code = currentErrno()
                if code == .interrupted { continue }
                if code == .resourceTemporarilyUnavailable {
                    return poller.watch(master.raw, [.readable, .writable])
                }
                pending = []
            } else {
                pending = pending.dropFirst(count)
            }
        }
        poller.watch(master.raw, .readable)
        if readsInput { poller.watch(Self.input, .readable) }
    }
}
