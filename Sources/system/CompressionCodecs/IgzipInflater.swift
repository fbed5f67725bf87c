internal import ByteStreams
private import CIgzip

/// Members by ISA-L, where this machine has it.
final class IgzipInflater: MemberInflater {
    private let state: OpaquePointer

    /// Nil where the library isn't there.
    init?() {
        guard let state = igzip_inflater_new() else { return nil }
        self.state = state
    }

    deinit { igzip_inflater_free(state) }

    func restart() { igzip_inflater_restart(state) }

    func inflate(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (step: Step, isEnd: Bool) {
        var (taken, given) = (input.count, output.count)
        let code = igzip_inflater_run(state, input.baseAddress, &taken, output.baseAddress, &given)
        guard code >= 0 else { throw StreamError(.corrupt("gzip: invalid data")) }
        return (Step(consumed: taken, produced: given), code == 1)
    }
}
