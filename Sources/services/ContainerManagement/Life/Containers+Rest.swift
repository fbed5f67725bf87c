import ContainerMonitor
import LinuxSystem
import MetadataStorage

// Who looks after a container is said by its mark, how it fares by its records, and the two change one after the other: a
// monitor writes down the end and then lets go, one that starts it takes the mark before there is a record. Another command
// that looks whether a mark was abandoned holds it for a moment as well. Each of these is over soon.

extension Containers {
    /// So long a moment is waited for, in milliseconds.
    static let moment = 10_000

    /// The mark of a container that doesn't run; nil where it does, or isn't there any more.
    func markAtRest(_ id: String, _ active: borrowing Directory) throws -> ActiveMark? {
        let end = WallClock.after(milliseconds: Self.moment)
        while true {
            if let mark = try ActiveMark.take(id, in: active) { return mark }
            guard try comesToRest(id), WallClock.now() < end else { return nil }
        }
    }

    /// Waits a moment for whoever looks after a container that doesn't run; false where it does, or they don't let go.
    func comesToRest(_ id: String) throws -> Bool {
        let active = try openActive()
        var isRunning = false
        let hasCome = try comesTrue(within: Self.moment) {
            guard try ActiveMark.isHeld(id, in: active) else { return true }
            if let row = try metadata.containers.row(id) { isRunning = try container(row).isRunning }
            return isRunning
        }
        return hasCome && !isRunning
    }

    /// Looks again and again, less often by and by, until something is true; false where that takes longer than so many milliseconds (nil:
    /// however long it takes).
    func comesTrue(within milliseconds: Int?, _ condition: () throws -> Bool) rethrows -> Bool {
        let end = milliseconds.map { WallClock.after(milliseconds: $0) }
        var pause = 1
        while try !condition() {
            if let end, WallClock.now() >= end { return false }
            WallClock.sleep(milliseconds: pause)
            pause = min(pause + 1, 20)
        }
        return true
    }
}
