import LinuxSystem

/// Lists directories on threads of its own before they are asked for, while whoever asks works on the last one.
///
/// What is announced is asked for later, in the order in which it was announced, each once; what nobody asks for is dropped
/// with this value.
final class ReadAheadListing: Sendable {
    typealias Listing = Result<[SourceEntry], any Error>

    private struct State {
        /// The next to be listed last.
        var waiting: [PathBytes] = []
        var listed: [PathBytes: Listing] = [:]
        var underWay: Set<PathBytes> = []
        var threads = 0
        var isClosed = false
    }

    private let state = Guarded(State())
    private let list: @Sendable (PathBytes) throws -> [SourceEntry]

    /// - Parameter list: reads one directory.
    init(_ list: @escaping @Sendable (PathBytes) throws -> [SourceEntry]) { self.list = list }

    deinit { state.update { $0.isClosed = true } }

    /// More directories than these make a thread worth its start.
    private static let leastAnnounced = 4

    /// Says which directories will be asked for next, before all that were announced earlier.
    func announce(_ directories: [PathBytes]) {
        let missing = state.update { state -> Int in
            state.waiting += directories.reversed()
            guard state.waiting.count >= Self.leastAnnounced else { return 0 }
            // The thread that asks is one more.
            let missing = min(max(CPUCount.online - 1, 1), 4) - state.threads
            state.threads += max(missing, 0)
            return missing
        }
        guard missing > 0 else { return }
        for _ in 0..<missing {
            let (state, list) = (state, list)
            _ = DetachedThread.start { Self.serve(state, list) }
        }
    }

    /// A directory's entries: read ahead, or now.
    func entries(in directory: PathBytes) throws -> [SourceEntry] {
        let listing: Listing? = state.wait { state -> Listing?? in
            if let listing = state.listed.removeValue(forKey: directory) { return .some(listing) }
            if state.underWay.contains(directory) { return nil }
            if state.waiting.last == directory {
                state.waiting.removeLast()
            } else {
                state.waiting.removeAll { $0 == directory }
            }
            return .some(nil)
        }
        return try listing?.get() ?? list(directory)
    }

    /// The life of one thread.
    private static func serve(_ state: Guarded<State>, _ list: (PathBytes) throws -> [SourceEntry]) {
        while true {
            let next: PathBytes? = state.wait { state -> PathBytes?? in
                if state.isClosed { return .some(nil) }
                guard let next = state.waiting.popLast() else { return nil }
                state.underWay.insert(next)
                return next
            }
            guard let next else { return }
            let listing = Listing { try list(next) }
            state.update { state in
                state.underWay.remove(next)
                if !state.isClosed { state.listed[next] = listing }
            }
        }
    }
}
