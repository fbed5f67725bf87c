/// Where in a document a coder is: a key or number, and what is around it. A list from inside out costs one link a level, where
/// a path of keys would be copied at each.
final class JSONPlace: Sendable {
    private let key: any CodingKey
    private let outer: JSONPlace?

    init(_ key: any CodingKey, in outer: JSONPlace?) {
        self.key = key
        self.outer = outer
    }

    /// From the top of the document; nil is the top itself.
    static func path(_ place: JSONPlace?) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var next = place
        while let place = next {
            path.append(place.key)
            next = place.outer
        }
        return path.reversed()
    }
}

/// The place of an element in a list.
struct JSONIndexKey: CodingKey {
    let index: Int

    init(_ index: Int) { self.index = index }
    init?(stringValue: String) { nil }
    init?(intValue: Int) { index = intValue }

    var stringValue: String { "[\(index)]" }
    var intValue: Int? { index }
}
