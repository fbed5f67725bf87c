/// Which part of a list somebody asks for.
struct ListPage {
    /// How many; nil for all.
    var count: Int?
    /// What the part before it ended with.
    var last: String?

    init(_ request: RegistryRequest) throws(RegistryRefusal) {
        last = request.parameter("last").flatMap { $0.isEmpty ? nil : $0 }
        guard let text = request.parameter("n") else { return }
        guard let count = Int(text), count >= 0 else {
            throw RegistryRefusal(400, .numberInvalid, "n is not a number of entries")
        }
        self.count = count
    }

    /// The part of the entries, and whether there are more. They are in the specification's order: capitals count as small
    /// letters.
    func cut(_ entries: [String]) -> (part: [String], hasMore: Bool) {
        var sorted = entries.sorted { Self.key($0) < Self.key($1) }
        if let last { sorted.removeAll { Self.key($0) <= Self.key(last) } }
        guard let count, count < sorted.count else { return (sorted, false) }
        return (Array(sorted.prefix(count)), count > 0)
    }

    private static func key(_ text: String) -> String { text.lowercased() + "\0" + text }

    /// The field that leads to the next part.
    static func link(_ path: String, count: Int?, last: String, more: String = "") -> HeaderField {
        HeaderField("Link", "<\(path)?\(count.map { "n=\($0)&" } ?? "")last=\(last)\(more)>; rel=\"next\"")
    }
}
