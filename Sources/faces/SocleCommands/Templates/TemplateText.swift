import OCISpec

/// The functions of templates that make text from text.
enum TemplateText {
    static func json(_ value: TemplateValue) -> String {
        switch value {
        case .missing: "null"
        case .json(let value, _): value.serialized()
        // Docker marshals a line twice, and the inner time escapes what HTML would read.
        case .row(let row): JSONValue.object(row.object).serialized(escapingHTML: true)
        }
    }

    /// Go's `strings.Split`.
    static func split(_ text: String, _ separator: String) -> [String] {
        if separator.isEmpty { return text.unicodeScalars.map { String($0) } }
        let bytes = Array(text.utf8)
        let mark = Array(separator.utf8)
        var parts: [String] = []
        var start = 0
        var index = 0
        while index + mark.count <= bytes.count {
            if bytes[index..<index + mark.count].elementsEqual(mark) {
                parts.append(String(decoding: bytes[start..<index], as: UTF8.self))
                index += mark.count
                start = index
            } else {
                index += 1
            }
        }
        return parts + [String(decoding: bytes[start...], as: UTF8.self)]
    }

    /// Go's `strings.Title`: the first letter of every word, underscores being letters.
    static func title(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            let follows = previous.properties.isAlphabetic || previous.properties.numericType != nil || previous == "_"
            if follows {
                result.append(scalar)
            } else {
                result.append(contentsOf: scalar.properties.titlecaseMapping.unicodeScalars)
            }
            previous = scalar
        }
        return String(result)
    }

    /// Spaces before and after a text that isn't empty.
    static func pad(_ text: String, _ before: TemplateValue, _ after: TemplateValue) throws(TemplateFunctionError)
        -> String
    {
        if text.isEmpty { return "" }
        return String(repeating: " ", count: try count(before)) + text + String(repeating: " ", count: try count(after))
    }

    static func truncate(_ text: String, _ length: TemplateValue) throws(TemplateFunctionError) -> String {
        String(decoding: text.utf8.prefix(try count(length)), as: UTF8.self)
    }

    private static func count(_ value: TemplateValue) throws(TemplateFunctionError) -> Int {
        guard case .json(.integer(let count), _) = value, (0...1 << 20).contains(count) else {
            throw TemplateFunctionError("count out of range: \(value.printed)")
        }
        return Int(count)
    }

    static func html(_ text: String) -> String {
        replacing(text) { scalar in
            switch scalar {
            case "<": "&lt;"
            case ">": "&gt;"
            case "&": "&amp;"
            case "'": "&#39;"
            case "\"": "&#34;"
            case "\0": "\u{fffd}"
            default: nil
            }
        }
    }

    static func script(_ text: String) -> String {
        replacing(text) { scalar in
            switch scalar {
            case "\\", "'", "\"": "\\\(scalar)"
            case "<", ">", "&", "=": "\\u" + GoText.hexadecimal(scalar.value, 4).uppercased()
            case _ where scalar.value < 0x20: "\\u" + GoText.hexadecimal(scalar.value, 4).uppercased()
            default: nil
            }
        }
    }

    static func query(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 48...57,
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                String(Unicode.Scalar(byte))
            case UInt8(ascii: " "): "+"
            default: "%" + GoText.hexadecimal(UInt32(byte), 2).uppercased()
            }
        }.joined()
    }

    private static func replacing(_ text: String, _ change: (Unicode.Scalar) -> String?) -> String {
        text.unicodeScalars.map { change($0) ?? String($0) }.joined()
    }
}
