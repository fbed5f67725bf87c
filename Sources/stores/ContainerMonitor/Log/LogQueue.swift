import LinuxSystem

/// Records that wait until a thread of their own has written them, so that a slow disk doesn't hold the container up:
/// `mode=non-blocking`. What doesn't fit is dropped.
final class LogQueue: Sendable {
    private struct State {
        var records: [UInt8] = []
        var isWriting = false
        var isOver = false
    }

    private let limit: Int
    private let state = Guarded(State())

    /// nil where there is no thread for it.
    init?(limit: Int64, _ files: LogFiles) {
        self.limit = Int(clamping: limit)
        guard DetachedThread.start({ [state] in Self.empty(state, into: files) }) else { return nil }
    }

    deinit { state.update { $0.isOver = true } }

    /// One record is taken whatever its size, as with Docker.
    func put(_ record: [UInt8]) {
        state.update { state in
            if state.records.isEmpty || state.records.count + record.count <= limit { state.records += record }
        }
    }

    /// Returns when all of it has been written.
    func drain() { state.wait { $0.records.isEmpty && !$0.isWriting ? () : nil } }

    private static func empty(_ state: Guarded<State>, into files: LogFiles) {
        while true {
            let records: [UInt8] = state.wait { state in
                if state.records.isEmpty { return state.isOver ? [] : nil }
                state.isWriting = true
                defer { state.records = [] }
                return state.records
            }
            if records.isEmpty { return }
            // A record has no line feed but at its end.
            var rest = records[...]
            while let end = rest.firstIndex(of: 0x0a) {
                files.add(rest[...end])
                rest = rest[(end + 1)...]
            }
            files.flush()
            state.update { $0.isWriting = false }
        }
    }
}
