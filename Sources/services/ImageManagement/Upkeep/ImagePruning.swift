package import OCISpec
import Reporting

/// Which images `image prune` takes, of those that no container was made from.
package struct ImagePruning: Sendable, Hashable {
    /// Those with names too.
    package var takesNamed = false
    /// Only those that were made before.
    package var madeBefore: Timestamp?
    package var labels = LabelFilter()

    package init() {}
}

/// `label=…` and `label!=…` of the prune commands.
package struct LabelFilter: Sendable, Hashable {
    /// A label that is there, or that has a value.
    private struct Wish: Sendable, Hashable {
        var key: String
        var value: String?

        init(_ text: String) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            key = parts[0]
            value = parts.count == 2 ? parts[1] : nil
        }

        func isMet(by labels: [String: String]) -> Bool {
            guard let found = labels[key] else { return false }
            return value.map { $0 == found } ?? true
        }
    }

    private var wanted: [Wish] = []
    private var unwanted: [Wish] = []

    package init() {}

    /// Whether anything is asked for.
    package var isEmpty: Bool { wanted.isEmpty && unwanted.isEmpty }

    /// Adds `key` or `key=value` that labels must have.
    package mutating func require(_ text: String) { wanted.append(Wish(text)) }
    /// Adds `key` or `key=value` that labels must not have.
    package mutating func refuse(_ text: String) { unwanted.append(Wish(text)) }

    /// Whether labels have all that is required and nothing that is refused.
    package func accepts(_ labels: [String: String]) -> Bool {
        wanted.allSatisfy { $0.isMet(by: labels) } && !unwanted.contains { $0.isMet(by: labels) }
    }
}

/// What a prune of images did.
package struct ImagePruneReport: Sendable, Hashable {
    /// What went with one image.
    package struct Image: Sendable, Hashable {
        package var id: Digest
        package var removals: [Removal]
    }

    /// In the order in which it was done.
    package var images: [Image] = []
    package var removals: [Removal] { images.flatMap(\.removals) }
    /// The content of the layers that nothing needs any more, in bytes.
    package var reclaimed: Int64 = 0

    package init() {}
}
