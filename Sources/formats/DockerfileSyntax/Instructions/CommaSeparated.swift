public import Reporting

/// One line of comma-separated values with CSV's quotes.
public enum CommaSeparated {
    /// The fields of the line, quotes taken off.
    public static func fields(_ text: String) throws(PlainFailure) -> [String] {
        var fields: [String] = []
        var rest = Array(text.utf8)[...]
        guard !rest.isEmpty else { throw PlainFailure(.invalidArgument, "EOF") }
        while true {
            let field = rest.first == ASCII.quote ? try quoted(&rest) : try plain(&rest)
            fields.append(String(decoding: field, as: UTF8.self))
            guard rest.first == ASCII.comma else { return fields }
            rest = rest.dropFirst()
        }
    }

    private static func plain(_ rest: inout ArraySlice<UInt8>) throws(PlainFailure) -> [UInt8] {
        let field = rest.prefix { $0 != ASCII.comma }
        guard !field.contains(ASCII.quote) else {
            throw PlainFailure(.invalidArgument, "bare \" in non-quoted-field")
        }
        rest = rest[field.endIndex...]
        return Array(field)
    }

    private static func quoted(_ rest: inout ArraySlice<UInt8>) throws(PlainFailure) -> [UInt8] {
        var field: [UInt8] = []
        rest = rest.dropFirst()
        while let byte = rest.popFirst() {
            guard byte == ASCII.quote else {
                field.append(byte)
                continue
            }
            guard rest.first == ASCII.quote else {
                guard rest.isEmpty || rest.first == ASCII.comma else { break }
                return field
            }
            rest = rest.dropFirst()
            field.append(ASCII.quote)
        }
        throw PlainFailure(.invalidArgument, "extraneous or missing \" in quoted-field")
    }
}
