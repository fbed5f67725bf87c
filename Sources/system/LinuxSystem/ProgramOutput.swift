private import SystemPackage

/// What a program said on its two output streams.
package struct ProgramOutput: Sendable {
    package var output: [UInt8] = []
    /// The end of it, where it is long.
    package var error: [UInt8] = []

    /// Bytes of the error stream that are kept.
    private static let keptError = 65_536

    /// Reads both streams to their ends; `EFBIG` where the output is larger than `limit`.
    package static func collect(output: CInt, error: CInt, limit: Int) throws(SystemError) -> ProgramOutput {
        var collected = ProgramOutput()
        var open = [output, error]
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !open.isEmpty {
            let ready = try Readiness.wait(for: open)
            for index in open.indices.reversed() where ready[index] {
                let stream = open[index]
                let count = try DescriptorIO.read(stream, into: &buffer)
                if count == 0 {
                    open.remove(at: index)
                } else if stream == output {
                    collected.output += buffer[..<count]
                    if collected.output.count > limit { throw SystemError("read", nil, .fileTooLarge) }
                } else {
                    collected.error = (collected.error + buffer[..<count]).suffix(Self.keptError)
                }
            }
        }
        return collected
    }
}
