import OCISpec

/// One verb of printf, applied to a value.
struct FormatVerb {
    let verb: Unicode.Scalar
    let directive: FormatDirective

    func text(_ value: TemplateValue) -> String {
        switch verb {
        case "T": return directive.padded(value.typeName)
        case "v" where !directive.sharp:
            if case .json(.number, _) = value, directive.precision != nil { return scalar(value) }
            return composite(value) ?? directive.padded(GoFormat.shown(value), zeros: isNumber(value))
        default: return composite(value) ?? scalar(value)
        }
    }

    private func isNumber(_ value: TemplateValue) -> Bool {
        switch value {
        case .json(.integer, _), .json(.number, _): true
        default: false
        }
    }

    /// The verb goes to every element of a list and every value of a map.
    private func composite(_ value: TemplateValue) -> String? {
        switch value {
        case .json(.array(let elements), _):
            return "[" + elements.map { text(TemplateValue($0)) }.joined(separator: " ") + "]"
        case .json(.object(let object), .map):
            let members = object.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            let texts = members.map { text(.text($0.key)) + ":" + text(TemplateValue($0.value)) }
            return "map[" + texts.joined(separator: " ") + "]"
        default: return nil
        }
    }

    private func scalar(_ value: TemplateValue) -> String {
        switch value {
        case .missing, .json(.null, _): verb == "v" ? "<nil>" : "%!\(verb)(<nil>)"
        case .json(.string(let text), _): string(text) ?? wrong(value)
        case .json(.integer(let number), _): integer(number) ?? wrong(value)
        case .json(.number(let number), _): float(number) ?? wrong(value)
        case .json(.bool(let bool), _): verb == "t" || verb == "v" ? directive.padded("\(bool)") : wrong(value)
        default: directive.padded(GoFormat.shown(value))
        }
    }

    private func wrong(_ value: TemplateValue) -> String { "%!\(verb)(\(value.typeName)=\(GoFormat.shown(value)))" }

    private func string(_ text: String) -> String? {
        let cut = directive.precision.map { String(String.UnicodeScalarView(text.unicodeScalars.prefix($0))) } ?? text
        switch verb {
        case "s": return directive.padded(cut)
        case "v": return directive.padded(directive.sharp ? GoText.quoted(text) : cut)
        case "q": return directive.padded(GoText.quoted(cut))
        case "x", "X":
            let digits = cut.utf8.map { GoText.hexadecimal(UInt32($0), 2) }.joined(
                separator: directive.space ? " " : ""
            )
            return directive.padded(verb == "X" ? digits.uppercased() : digits)
        default: return nil
        }
    }

    private func integer(_ number: Int64) -> String? {
        let radix: Int
        switch verb {
        case "d", "v": radix = 10
        case "x", "X": radix = 16
        case "o", "O": radix = 8
        case "b": radix = 2
        case "c", "q", "U": return character(number)
        default: return nil
        }
        var digits = String(number.magnitude, radix: radix, uppercase: verb == "X")
        if let precision = directive.precision {
            digits = String(repeating: "0", count: max(0, precision - digits.count)) + digits
        }
        let prefix =
            verb == "O" ? "0o" : directive.sharp ? ["x": "0x", "X": "0X", "o": "0", "b": "0b"][verb] ?? "" : ""
        let sign = number < 0 ? "-" : directive.plus ? "+" : directive.space ? " " : ""
        return directive.padded(sign + prefix + digits, zeros: directive.precision == nil)
    }

    private func character(_ number: Int64) -> String? {
        let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) ?? "\u{fffd}"
        switch verb {
        case "c": return directive.padded(String(scalar))
        case "q": return directive.padded(GoText.quotedCharacter(Character(scalar)))
        default: return directive.padded("U+" + GoText.hexadecimal(scalar.value, 4).uppercased())
        }
    }

    private func float(_ number: Double) -> String? {
        let text: String
        switch verb {
        case "f", "F": text = GoNumber.fixed(number, digits: directive.precision ?? 6)
        case "e": text = GoNumber.scientific(number, digits: directive.precision ?? 6)
        case "E": text = GoNumber.scientific(number, digits: directive.precision ?? 6).uppercased()
        case "g", "v", "G":
            text = directive.precision.map { GoNumber.significant(number, digits: $0) } ?? GoNumber.shortest(number)
        default: return nil
        }
        let signed = directive.plus && !text.hasPrefix("-") ? "+" + text : text
        return directive.padded(signed, zeros: true)
    }
}
