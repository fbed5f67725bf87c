/// The lines of a text as they stand in the file.
struct SourceLines: Sendable {
    private let bytes: [UInt8]
    /// Where each line begins, and the end of the text.
    private let starts: [Int]

    /// A byte-order mark at the beginning is not part of the first line.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var starts = [bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0]
        for index in bytes.indices where bytes[index] == ASCII.newline { starts.append(index + 1) }
        // What ends in a newline has no further line after it.
        if starts.count > 1, starts.last == bytes.count { starts.removeLast() }
        if starts == [bytes.count] { starts = [] }
        self.starts = starts
    }

    var count: Int { starts.count }

    /// A line with its line ending; lines count from 0 here.
    func raw(_ index: Int) -> ArraySlice<UInt8> {
        bytes[starts[index]..<(index + 1 < starts.count ? starts[index + 1] : bytes.count)]
    }

    /// A line without its line ending.
    func content(_ index: Int) -> ArraySlice<UInt8> {
        var line = raw(index)
        while let last = line.last, last == ASCII.newline || last == ASCII.carriageReturn { line = line.dropLast() }
        return line
    }
}
