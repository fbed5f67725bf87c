package import OCISpec
package import Reporting

/// A note on a part of an image, as `--annotation` and the options of `--output` say it.
package struct ImageAnnotation: Sendable, Hashable {
    /// What the note is on.
    package enum Place: String, Sendable {
        case manifest, index
        case manifestDescriptor = "manifest-descriptor"
        case indexDescriptor = "index-descriptor"
    }

    package var place: Place
    /// The one platform whose manifest it is for; nil is all.
    package var platform: Platform?
    package var key: String
    package var value: String

    /// Reads the name of an option of `--output`: `annotation.KEY`, `annotation-index.KEY`,
    /// `annotation-manifest[linux/amd64].KEY`; nil for another option's name.
    package init?(option: String, value: String) throws(PlainFailure) {
        guard option.hasPrefix("annotation") else { return nil }
        let rest = option.dropFirst("annotation".count)
        guard let first = rest.first, "-.[".contains(first) else { return nil }
        // A bracket before the first dot encloses a platform.
        let isBracketed = rest.first { $0 == "[" || $0 == "." } == "["
        let from = isBracketed ? rest.firstIndex(of: "]") ?? rest.endIndex : rest.startIndex
        guard let dot = rest[from...].firstIndex(of: "."), rest.index(after: dot) < rest.endIndex else {
            throw PlainFailure(.invalidArgument, "could not fully parse annotation \"\(option)\"")
        }
        let target = rest[..<dot].hasPrefix("-") ? rest[..<dot].dropFirst() : rest[..<dot]
        (place, platform) = try Self.target(
            target.isEmpty || target.first == "[" ? "manifest\(target)" : String(target)
        )
        key = String(rest[rest.index(after: dot)...])
        self.value = value
    }

    /// Reads `--annotation`: `KEY=VALUE`, `index:KEY=VALUE`, `manifest[linux/amd64],index:KEY=VALUE`.
    package static func parse(_ text: String) throws(PlainFailure) -> [ImageAnnotation] {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw PlainFailure(.invalidArgument, "invalid annotation \"\(text)\", expected key=value")
        }
        let value = String(parts[1])
        guard let colon = parts[0].firstIndex(of: ":") else {
            return [ImageAnnotation(.manifest, nil, String(parts[0]), value)]
        }
        let key = String(parts[0][parts[0].index(after: colon)...])
        guard !key.isEmpty else {
            throw PlainFailure(.invalidArgument, "invalid annotation \"\(text)\", expected key=value")
        }
        var found: [ImageAnnotation] = []
        for target in parts[0][..<colon].split(separator: ",", omittingEmptySubsequences: false) {
            let (place, platform) = try Self.target(String(target))
            found.append(ImageAnnotation(place, platform, key, value))
        }
        return found
    }

    private init(_ place: Place, _ platform: Platform?, _ key: String, _ value: String) {
        self.place = place
        self.platform = platform
        self.key = key
        self.value = value
    }

    /// `manifest`, `index-descriptor`, `manifest[linux/amd64]`.
    private static func target(_ text: String) throws(PlainFailure) -> (Place, Platform?) {
        let name = text.prefix { $0 != "[" }
        guard let place = Place(rawValue: String(name)) else {
            throw PlainFailure(
                .invalidArgument,
                "unknown annotation type \"\(name)\"",
                hint: "one of manifest, index, manifest-descriptor, index-descriptor"
            )
        }
        if name.count == text.count { return (place, nil) }
        guard text.hasSuffix("]") else {
            throw PlainFailure(
                .invalidArgument,
                "invalid annotation type \"\(text)\", expected type and optional platform in square brackets"
            )
        }
        do {
            return (place, try Platform(parsing: String(text.dropFirst(name.count + 1).dropLast())))
        } catch {
            throw PlainFailure(.invalidArgument, "invalid annotation type \"\(text)\": \(error.description)")
        }
    }
}

extension [ImageAnnotation] {
    /// The notes on one part, of one platform's image; nil if there are none. Those for the platform alone win.
    func notes(on place: ImageAnnotation.Place, of platform: Platform? = nil) -> [String: String]? {
        let fitting = filter { $0.place == place && ($0.platform == nil || $0.platform == platform) }
        let ordered = fitting.filter { $0.platform == nil } + fitting.filter { $0.platform != nil }
        return ordered.isEmpty ? nil : Dictionary(ordered.map { ($0.key, $0.value) }) { _, last in last }
    }
}
