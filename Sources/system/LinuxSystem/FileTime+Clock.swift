private import Glibc

extension FileTime {
    /// The time of day.
    package static var now: FileTime {
        var time = Glibc.timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return FileTime(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }

    /// Nanoseconds since 1970; the nearest that fits where a file claims to be from far away.
    package var inNanoseconds: Int64 {
        let (whole, isTooMuch) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if isTooMuch { return seconds < 0 ? .min : .max }
        return whole.addingReportingOverflow(Int64(nanoseconds)).partialValue
    }
}

/// Waiting for what gives no sign.
package enum Pause {
    /// Holds the thread up; a signal may end it early.
    package static func milliseconds(_ count: Int) {
        var time = timespec(tv_sec: count / 1_000, tv_nsec: count % 1_000 * 1_000_000)
        nanosleep(&time, nil)
    }
}
