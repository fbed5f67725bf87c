/// The colors of progress on a terminal, as escape sequences: `BUILDKIT_COLORS`.
struct ProgressColors: Hashable, Sendable {
    var run = "34"
    var cancel = "33"
    var error = "31"
    var warning = "33"

    private static let names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]

    /// Reads `run=123,20,245:error=yellow`; what can't be understood is left as it is.
    init(parsing text: String = "") {
        for field in text.split(separator: ":") {
            let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let color = Self.color(parts[1].lowercased()) else { continue }
            switch parts[0].lowercased() {
            case "run": run = color
            case "cancel": cancel = color
            case "error": error = color
            case "warning": warning = color
            default: continue
            }
        }
    }

    /// `red`, `light-red`, `default`, or red, green and blue from 0 to 255.
    private static func color(_ text: String) -> String? {
        if text == "default" { return "39" }
        if let index = names.firstIndex(of: text) { return "\(30 + index)" }
        if text.hasPrefix("light-"), let index = names.firstIndex(of: String(text.dropFirst(6))) {
            return "\(90 + index)"
        }
        let numbers = text.split(separator: ",").compactMap { UInt8($0) }
        return numbers.count == 3 ? "38;2;" + numbers.map(String.init).joined(separator: ";") : nil
    }

    /// The caller's colors; nil where there are to be none.
    static func fromEnvironment(_ variable: (String) -> String?) -> ProgressColors? {
        if let text = variable("BUILDKIT_COLORS"), !text.isEmpty { return ProgressColors(parsing: text) }
        return variable("NO_COLOR").map(\.isEmpty) ?? true ? ProgressColors() : nil
    }
}
