private import SystemPackage

/// Which numbers of users (or of groups) a user namespace knows, and who they are outside of it.
package struct IDMap: Sendable, Hashable {
    /// `count` numbers from `inner` on are those from `outer` on outside.
    package struct Line: Sendable, Hashable {
        package var inner: UInt32
        package var outer: UInt32
        package var count: UInt32

        package init(inner: UInt32, outer: UInt32, count: UInt32) {
            self.inner = inner
            self.outer = outer
            self.count = count
        }
    }

    package var lines: [Line]

    package init(_ lines: [Line]) { self.lines = lines }

    /// From the text of `/proc/PID/uid_map` or `gid_map`.
    package init(text: some StringProtocol) {
        lines = text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let numbers = line.split(separator: UInt8(ascii: " ")).compactMap { UInt32(String(decoding: $0, as: UTF8.self)) }
            return numbers.count == 3 ? Line(inner: numbers[0], outer: numbers[1], count: numbers[2]) : nil
        }
    }

    /// A user's own number as root, and the numbers that were lent to him as all others from 1 on.
    ///
    /// The kernel takes no more than 340 lines; what doesn't fit isn't mapped.
    package init(own: UInt32, lent: [SubordinateRange]) {
        lines = [Line(inner: 0, outer: own, count: 1)]
        var next: UInt32 = 1
        for range in lent.prefix(339) {
            let count = min(range.count, UInt32.max - next)
            if count == 0 { continue }
            lines.append(Line(inner: next, outer: range.first, count: count))
            next += count
        }
    }

    /// Whether every number means what it means outside: there is no namespace.
    package var isIdentity: Bool { lines == [Line(inner: 0, outer: 0, count: .max)] }

    /// How many numbers there are.
    package var count: UInt64 { lines.reduce(0) { $0 + UInt64($1.count) } }

    /// The largest number that there is.
    package var last: UInt32 { lines.map { $0.inner + ($0.count - 1) }.max() ?? 0 }

    /// Whether the namespace knows a number.
    package func contains(_ id: UInt32) -> Bool { lines.contains { id >= $0.inner && id - $0.inner < $0.count } }

    /// Who a number is outside; nil for one that the namespace doesn't know.
    package func outer(of id: UInt32) -> UInt32? {
        lines.first { id >= $0.inner && id - $0.inner < $0.count }.map { $0.outer + (id - $0.inner) }
    }

    /// The words for `newuidmap` and `newgidmap`.
    var words: [String] { lines.flatMap { ["\($0.inner)", "\($0.outer)", "\($0.count)"] } }
}

/// Numbers that `/etc/subuid` or `/etc/subgid` lends to a user.
package struct SubordinateRange: Sendable, Hashable {
    package var first: UInt32
    package var count: UInt32

    package init(first: UInt32, count: UInt32) {
        self.first = first
        self.count = count
    }

    /// The ranges in such a file of a user with this number and, where it is known, this name.
    package static func all(in text: String, uid: UInt32, name: String?) -> [SubordinateRange] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 3, fields[0] == "\(uid)" || (name.map { fields[0] == $0 } ?? false),
                let first = UInt32(fields[1]), let count = UInt32(fields[2]), count > 0,
                !first.addingReportingOverflow(count).overflow
            else { return nil }
            return SubordinateRange(first: first, count: count)
        }
    }
}
