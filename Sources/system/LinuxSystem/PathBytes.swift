private import SystemPackage

/// A name or path as the kernel sees it: bytes, in no particular encoding.
///
/// A zero byte can't be told to the kernel: it is refused (`EINVAL`) by the call that uses the path, so that making the
/// value never fails.
package struct PathBytes: Hashable, Sendable, Comparable, ExpressibleByStringInterpolation, CustomStringConvertible {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }
    package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    package init(_ text: String) { bytes = Array(text.utf8) }
    package init(stringLiteral text: String) { bytes = Array(text.utf8) }

    /// For people: what isn't UTF-8 is replaced.
    package var description: String { String(decoding: bytes, as: UTF8.self) }

    package static func < (left: PathBytes, right: PathBytes) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// Whether the kernel would take it for more than one step.
    package var hasSeparator: Bool { bytes.contains(UInt8(ascii: "/")) }

    /// The steps of the path, without empty ones and `.`.
    package var components: [PathBytes] {
        bytes.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual([UInt8(ascii: ".")]) }.map {
            PathBytes($0)
        }
    }

    /// Everything before the last step and the last step; trailing separators don't count.
    ///
    /// Nil for a single name.
    package var splitAtLast: (parent: PathBytes, name: PathBytes)? {
        var end = bytes.count
        while end > 1, bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
        guard let cut = bytes[..<end].lastIndex(of: UInt8(ascii: "/")) else {
            return end == bytes.count ? nil : (".", PathBytes(bytes[..<end]))
        }
        return (PathBytes(bytes[...cut]), PathBytes(bytes[(cut + 1)..<end]))
    }

    /// `name` below this directory; the empty path is the top of a tree.
    package func appending(_ name: PathBytes) -> PathBytes {
        if bytes.isEmpty { return name }
        if name.bytes.isEmpty { return self }
        return PathBytes(bytes + [UInt8(ascii: "/")] + name.bytes)
    }

    /// Calls `body` with the bytes and a zero behind them.
    package func withCString<Result>(
        _ call: String,
        _ body: (UnsafePointer<CChar>) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        if bytes.contains(0) { throw SystemError(call, description, .invalidArgument) }
        var result: Swift.Result<Result, SystemError>?
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { room in
            for index in bytes.indices { room[index] = CChar(bitPattern: bytes[index]) }
            room[bytes.count] = 0
            guard let start = room.baseAddress else { return }
            do throws(SystemError) { result = .success(try body(start)) } catch { result = .failure(error) }
        }
        guard let result else { throw SystemError(call, description, .invalidArgument) }
        return try result.get()
    }
}
