/// Text from outside as it may be shown: what could move a terminal's cursor, colour it or turn its reading direction is
/// taken out.
public enum ShownText {
    /// The text on one line.
    public static func line(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where ["\t", "\n", "\r"].contains(scalar), .lineSeparator, .paragraphSeparator:
                shown.append(" ")
            case .control, .privateUse, .surrogate: shown.append("\u{fffd}")
            // Marks that can't be seen; the joiner makes one picture of several.
            case .format where scalar != "\u{200d}": break
            default: shown.append(scalar)
            }
        }
        return String(shown)
    }
}
