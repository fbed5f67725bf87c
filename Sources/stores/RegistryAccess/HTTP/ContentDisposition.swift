private import ByteStreams

/// What `Content-Disposition` says about a file: `attachment; filename="a b.txt"; filename*=UTF-8''a%20b.txt`.
package enum ContentDisposition {
    /// The name for the file, as it was sent; nil where there is none. It may be anything: whoever makes a file of that
    /// name checks it.
    package static func fileName(_ header: String) -> String? {
        var plain: String?
        for (name, value) in parameters(of: header) {
            switch name.lowercased() {
            // The extended form wins where both are there (RFC 6266).
            case "filename*": if let extended = extended(value) { return extended }
            case "filename": plain = plain ?? value
            default: break
            }
        }
        return plain
    }

    /// Splits at semicolons outside of quotes; the first part, the disposition itself, is left out.
    private static func parameters(of header: String) -> [(name: String, value: String)] {
        var parts: [String] = [""]
        var isQuoted = false
        var isEscaped = false
        for character in header {
            if isEscaped {
                parts[parts.count - 1].append(character)
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == ";", !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts.dropFirst().compactMap { part in
            guard let equals = part.firstIndex(of: "=") else { return nil }
            return (trimmed(part[..<equals]), trimmed(part[part.index(after: equals)...]))
        }
    }

    /// `UTF-8''` and percent-encoded bytes.
    private static func extended(_ value: String) -> String? {
        let fields = value.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0].lowercased() == "utf-8" else { return nil }
        return PercentEncoding.decoded(fields[2])
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
