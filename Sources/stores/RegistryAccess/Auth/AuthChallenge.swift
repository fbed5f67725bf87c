/// What a server wants to know of whoever asks: one challenge of `WWW-Authenticate` (RFC 9110, section 11.6.1).
struct AuthChallenge: Hashable, Sendable {
    /// In lowercase: `bearer`, `basic`.
    var scheme: String
    /// Names in lowercase.
    var parameters: [String: String]

    /// All challenges of a head's lines.
    static func parse(_ lines: [String]) -> [AuthChallenge] { lines.flatMap(parse) }

    /// A line may hold several, separated by the same commas as their parameters.
    private static func parse(_ line: String) -> [AuthChallenge] {
        var found: [AuthChallenge] = []
        for item in items(of: line.prefix(8_192)) {
            let word = item.prefix { $0 != " " && $0 != "=" }
            let rest = item.dropFirst(word.count)
            // "Scheme name=value" begins a challenge, "name=value" goes on with one.
            if rest.hasPrefix("=") {
                guard !found.isEmpty else { continue }
                found[found.count - 1].add(item)
            } else {
                found.append(AuthChallenge(scheme: word.lowercased(), parameters: [:]))
                let parameter = rest.drop { $0 == " " }
                if !parameter.isEmpty { found[found.count - 1].add(parameter) }
            }
        }
        return found
    }

    private mutating func add(_ parameter: Substring) {
        guard let equals = parameter.firstIndex(of: "=") else { return }
        let name = parameter[..<equals].lowercased()
        var value = parameter[parameter.index(after: equals)...]
        while value.last == " " { value.removeLast() }
        parameters[name] = value.hasPrefix("\"") ? Self.unquoted(value) : String(value)
    }

    private static func unquoted(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text.dropFirst() {
            if isEscaped {
                result.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                break
            } else {
                result.append(character)
            }
        }
        return result
    }

    /// Splits at commas outside of quotes.
    private static func items(of line: Substring) -> [Substring] {
        var items: [Substring] = []
        var start = line.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in line.indices {
            let character = line[index]
            if isEscaped { isEscaped = false; continue }
            if isQuoted, character == "\\" { isEscaped = true }
            if character == "\"" { isQuoted.toggle() }
            if character == ",", !isQuoted {
                items.append(line[start..<index])
                start = line.index(after: index)
            }
        }
        items.append(line[start...])
        return items.map { item in
            var item = item.drop { $0 == " " || $0 == "\t" }
            while item.last == " " || item.last == "\t" { item.removeLast() }
            return item
        }.filter { !$0.isEmpty }
    }
}
