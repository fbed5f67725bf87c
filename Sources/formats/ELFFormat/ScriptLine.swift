/// The first line of a script as the kernel reads it: `#!`, an interpreter, and one argument.
public struct ScriptLine: Hashable, Sendable {
    /// The interpreter's path.
    public var interpreter: String
    /// Everything behind it, as one argument; nil where there is nothing.
    public var argument: String?
    /// Whether the line ends as Windows ends lines: the kernel takes the carriage return for a part of the last word.
    public var hasCarriageReturn: Bool
    /// Whether the kernel refuses the line (`ENOEXEC`): it names nothing, or is longer than what the kernel reads.
    public var isRefused: Bool

    /// How many bytes of a file the kernel looks at.
    public static let readSize = 256

    /// Reads a file's first bytes; nil where they don't begin with `#!`.
    public init?(_ bytes: some Sequence<UInt8>) {
        let head = Array(bytes.prefix(Self.readSize))
        guard head.starts(with: [0x23, 0x21]) else { return nil }
        let end = head.firstIndex(of: 0x0a)
        let zero = head.firstIndex(of: 0)
        let isWhole = end != nil || zero != nil || head.count < Self.readSize
        let line = head[2..<min(end ?? head.count, zero ?? head.count)]
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        hasCarriageReturn = line.last == 0x0d
        let words = line.drop(while: isBlank)
        let path = words.prefix { !isBlank($0) }
        var rest = words.dropFirst(path.count).drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        interpreter = String(decoding: path, as: UTF8.self)
        argument = rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
        // A line that is cut inside the argument is run with what there is of it.
        isRefused = path.isEmpty || !isWhole && path.count == words.count
    }

    /// The program that `env` looks up on `PATH`, where the interpreter is `env`; nil where it is something else.
    ///
    /// Without `-S` the whole argument is one name, blanks included.
    public var searchedProgram: String? {
        guard interpreter == "env" || interpreter.hasSuffix("/env"), let argument else { return nil }
        let text = argument.last == "\r" ? String(argument.dropLast()) : argument
        var words = [text]
        for option in ["-S", "--split-string="] where text.hasPrefix(option) {
            words = text.dropFirst(option.count).split { $0 == " " || $0 == "\t" }.map(String.init)
        }
        for word in words {
            if word.isEmpty || word.hasPrefix("-") { continue }
            // Variables that env sets come first.
            if let sign = word.firstIndex(of: "="), !word[..<sign].contains("/") { continue }
            return word
        }
        return nil
    }
}
