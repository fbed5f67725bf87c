import OCISpec

/// Keys as text: blocks of base64 between lines that name them.
struct PEM {
    /// The label of the first lines, and the bytes.
    struct Block {
        var label: String
        var bytes: [UInt8]
    }

    /// The blocks in order. What stands between them has no meaning; nil where a block isn't whole.
    static func blocks(_ text: String) -> [Block]? {
        var blocks: [Block] = []
        var open: (label: String, base64: String)?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.reversed().drop(while: \.isWhitespace).reversed()
            let trimmed = String(line)
            if let label = between(trimmed, "-----BEGIN ") {
                guard open == nil else { return nil }
                open = (label, "")
            } else if let label = between(trimmed, "-----END ") {
                guard let block = open, block.label == label, let bytes = Base64.bytes(block.base64) else { return nil }
                blocks.append(Block(label: label, bytes: bytes))
                open = nil
            } else {
                open?.base64 += trimmed
            }
        }
        return open == nil ? blocks : nil
    }

    /// A block as text, 64 digits a line.
    static func text(_ label: String, _ bytes: [UInt8]) -> String {
        var rest = Base64.text(bytes)[...]
        var lines = ["-----BEGIN \(label)-----"]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        return (lines + ["-----END \(label)-----", ""]).joined(separator: "\n")
    }

    private static func between(_ line: String, _ start: String) -> String? {
        guard line.hasPrefix(start), line.hasSuffix("-----"), line.utf8.count > start.utf8.count + 5 else { return nil }
        return String(line.dropFirst(start.count).dropLast(5))
    }
}
