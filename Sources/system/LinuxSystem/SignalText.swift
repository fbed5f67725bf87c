private import Glibc

/// What a signal means in words: `killed`, `segmentation fault`.
package enum SignalText {
    package static func of(_ number: Int32) -> String {
        guard let text = strsignal(number) else { return "\(number)" }
        return String(cString: text).lowercased()
    }
}
