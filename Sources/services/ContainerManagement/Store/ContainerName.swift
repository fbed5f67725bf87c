import Reporting

/// The names of containers: what a user may choose, and what is chosen for them.
enum ContainerName {
    private static let adjectives = [
        "able", "airy", "amber", "apt", "ardent", "balmy", "blithe", "bold", "brave", "breezy", "bright", "brisk",
        "calm", "candid", "cheery", "civil", "clever", "cosy", "crisp", "curious", "dapper", "daring", "deft", "dreamy",
        "eager", "earnest", "easy", "exact", "fair", "fancy", "fleet", "fond", "frank", "fresh", "gallant", "gentle",
        "glad", "golden", "graceful", "grand", "happy", "hardy", "hearty", "honest", "humble", "jolly", "keen", "kind",
        "lively", "loyal", "lucid", "lucky", "mellow", "merry", "mild", "modest", "neat", "nimble", "noble", "patient",
        "plucky", "polite", "proud", "quick", "quiet", "ready", "robust", "serene", "sharp", "shiny", "silent",
        "sleek", "smart", "smooth", "snug", "sober", "spry", "steady", "sturdy", "sunny", "swift", "tender", "tidy",
        "trusty", "upbeat", "vivid", "warm", "wise", "witty", "zesty",
    ]
    private static let surnames = [
        "abel", "ampere", "babbage", "banneker", "bessel", "bohr", "boole", "borg", "bose", "brahe", "cantor", "carson",
        "cauchy", "church", "cori", "curie", "darwin", "dirac", "elion", "erdos", "euler", "faraday", "fermat", "fermi",
        "feynman", "fourier", "franklin", "galileo", "galois", "gauss", "germain", "goodall", "haibt", "hamilton",
        "hamming", "hawking", "herschel", "hertz", "hilbert", "hodgkin", "hopper", "hubble", "huygens", "hypatia",
        "jemison", "joule", "karp", "keller", "kepler", "khorana", "knuth", "kowalevski", "lamarr", "lamport",
        "laplace",
        "leavitt", "leibniz", "liskov", "lovelace", "maxwell", "mayer", "mclean", "meitner", "mendel", "mirzakhani",
        "napier", "neumann", "newton", "nobel", "noether", "noyce", "ohm", "pascal", "pasteur", "payne", "perlman",
        "planck", "poincare", "ptolemy", "raman", "ride", "ritchie", "rubin", "sagan", "shannon", "somerville",
        "tesla", "thompson", "torvalds", "turing", "volta", "wilson", "wing", "yonath",
    ]

    /// An adjective and a scientist, with a digit where the first choices were taken.
    static func generated(attempt: Int) -> String {
        let adjective = adjectives.randomElement() ?? "plain"
        let surname = surnames.randomElement() ?? "nobody"
        return "\(adjective)_\(surname)" + (attempt > 5 ? String(Int.random(in: 0...9)) : "")
    }

    /// The name without the slash that Docker allows before it; refuses what Docker refuses.
    static func checked(_ name: String) throws(PlainFailure) -> String {
        let bare = name.hasPrefix("/") ? String(name.dropFirst()) : name
        let bytes = Array(bare.utf8)
        let isValid =
            bytes.count >= 2 && bytes.count <= 255 && isLetterOrDigit(bytes[0])
            && bytes.dropFirst().allSatisfy { isLetterOrDigit($0) || $0 == 0x5f || $0 == 0x2e || $0 == 0x2d }
        if isValid { return bare }
        throw PlainFailure(
            .invalidArgument,
            "Invalid container name (\(name)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        )
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}

/// The ids of containers and of anonymous volumes.
enum RandomID {
    /// 64 hexadecimal digits, the first twelve of which aren't all decimal: such a short id would look like a number.
    static func make() -> String {
        while true {
            var generator = SystemRandomNumberGenerator()
            var id = ""
            for _ in 0..<4 {
                let word = String(generator.next() as UInt64, radix: 16)
                id += String(repeating: "0", count: 16 - word.utf8.count) + word
            }
            if id.utf8.prefix(12).contains(where: { $0 > 0x39 }) { return id }
        }
    }

    static func isValid(_ id: String) -> Bool {
        id.utf8.count == 64 && id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
