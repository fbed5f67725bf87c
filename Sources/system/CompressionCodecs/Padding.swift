internal import ByteStreams

/// What may stand behind the end of a gzip or bzip2 file: zeros, as tapes and block devices add them.
enum Padding {
    /// All of `input` if it is zeros.
    static func length(_ input: UnsafeRawBufferPointer, name: String) throws(StreamError) -> Int {
        if input.contains(where: { $0 != 0 }) { throw StreamError(.corrupt("\(name): trailing garbage")) }
        return input.count
    }
}
