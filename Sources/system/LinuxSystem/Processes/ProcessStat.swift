/// What `/proc/<pid>/stat` says of a process (proc(5)), as far as it tells processes apart.
package struct ProcessStat: Hashable, Sendable {
    package var pid: Int32
    /// `R`, `S`, `Z`…
    package var state: UInt8
    /// When it began, in the kernel's ticks since it booted.
    package var start: UInt64

    /// A zombie holds nothing and won't go on.
    package var isDead: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }

    /// The process that has this number now; nil where there is none.
    package init?(_ pid: Int32) { self.init(name: String(pid)) }

    /// This process; nil where `/proc` isn't there.
    package static var own: ProcessStat? { ProcessStat(name: "self") }

    private init?(name: String) {
        guard let text = UserSpace.text("/proc/\(name)/stat") else { return nil }
        self.init(line: text)
    }

    /// The second field, the name, may hold anything but ends at the last `)`; the third is the state, the 22nd the start.
    init?(line: String) {
        let bytes = line.utf8
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")),
            let pid = bytes.firstIndex(of: UInt8(ascii: " ")).flatMap({ Int32(line[..<$0]) })
        else { return nil }
        let fields = bytes[bytes.index(after: end)...].split(separator: UInt8(ascii: " "), maxSplits: 20)
        guard fields.count > 19, let state = fields[0].first, let start = UInt64(Substring(fields[19])) else { return nil }
        (self.pid, self.state, self.start) = (pid, state, start)
    }
}
