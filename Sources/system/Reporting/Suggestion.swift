/// "Did you mean": the nearest of a closed list.
public enum Suggestion {
    /// The candidate closest to `word`, compared without case, when fewer than three edits away; nil if none is.
    public static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        var best: (distance: Int, word: String)?
        let wanted = Array(word.lowercased().utf8)
        for candidate in candidates {
            let distance = editDistance(wanted, Array(candidate.lowercased().utf8))
            if distance < 3, distance < wanted.count, distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        return best?.word
    }

    /// Levenshtein's distance in bytes.
    static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let substitution = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
