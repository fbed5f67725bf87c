private import Glibc
private import LinuxSystem

/// The time of day.
package enum WallClock {
    /// Nanoseconds since 1970.
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The time so many nanoseconds from now, at most the last one that there is.
    package static func after(nanoseconds: Int64) -> Int64 { now().adding(clamping: nanoseconds) }

    /// The time so many milliseconds from now, at most the last one that there is.
    package static func after(milliseconds: Int) -> Int64 {
        after(nanoseconds: Int64(milliseconds).multiplied(clampingBy: 1_000_000))
    }

    /// Waits; a signal may end it early.
    package static func sleep(milliseconds: Int) {
        var time = timespec(tv_sec: milliseconds / 1_000, tv_nsec: milliseconds % 1_000 * 1_000_000)
        nanosleep(&time, nil)
    }
}
