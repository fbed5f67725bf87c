private import LinuxSystem

/// A number of permits that threads take before they work and give back after.
public final class Permits: Sendable {
    private let free: Guarded<Int>

    /// - Parameter count: how many may work at the same time; at least one may.
    public init(_ count: Int) { free = Guarded(max(count, 1)) }

    /// Runs `body` with a permit; waits until one is free.
    public func holding<Result>(_ body: () throws -> Result) rethrows -> Result {
        take()
        defer { give() }
        return try body()
    }

    /// Runs `body`, which only waits, without the caller's permit: somebody else may have it meanwhile.
    public func lending<Result>(_ body: () throws -> Result) rethrows -> Result {
        give()
        defer { take() }
        return try body()
    }

    private func take() {
        free.wait { free -> Void? in
            if free == 0 { return nil }
            free -= 1
            return ()
        }
    }

    private func give() { free.update { $0 += 1 } }
}
