import LinuxSystem

/// The door from commands, which block, to the engine's verbs that don't.
///
/// Only those verbs pay for Swift's threads.
enum Blocking {
    /// Runs `body` on Swift's threads and waits for it on this one.
    static func wait<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
        let result = Guarded<Swift.Result<Result, any Error>?>(nil)
        Task.detached {
            let value: Swift.Result<Result, any Error>
            do { value = .success(try await body()) } catch { value = .failure(error) }
            result.update { $0 = value }
        }
        return try result.wait { $0 }.get()
    }
}
