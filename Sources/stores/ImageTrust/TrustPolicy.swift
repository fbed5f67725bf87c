package import OCISpec

/// Which images may be used: rules by name, the closest of which decides.
package struct TrustPolicy: Sendable, Hashable {
    /// What an image must have.
    package enum Requirement: Sendable, Hashable {
        case accept, reject
        /// The image, or its index, is one of these.
        case digests([Digest])
        case signature(SignatureRequirement)
    }

    /// One rule.
    package struct Rule: Sendable, Hashable {
        package var pattern: TrustPattern
        package var requirement: Requirement

        package init(_ pattern: TrustPattern, _ requirement: Requirement) {
            self.pattern = pattern
            self.requirement = requirement
        }
    }

    /// Where it was read from, for messages, and what relative names of keys start at.
    package var file: String
    package var rules: [Rule]

    package init(file: String, rules: [Rule] = []) {
        self.file = file
        self.rules = rules
    }

    /// The rule that decides about an image; nil where none is for it, and then it is accepted.
    package func rule(for image: ImageReference) -> Rule? {
        rules.filter { $0.pattern.matches(image) }.max { $0.pattern.rank < $1.pattern.rank }
    }

    /// Puts a rule in, in place of the one with the same pattern.
    package mutating func set(_ rule: Rule) {
        if let index = rules.firstIndex(where: { $0.pattern == rule.pattern }) {
            rules[index] = rule
        } else {
            rules.append(rule)
        }
    }

    /// Takes out the rule with a pattern; whether there was one.
    package mutating func remove(_ pattern: TrustPattern) -> Bool {
        guard let index = rules.firstIndex(where: { $0.pattern == pattern }) else { return false }
        rules.remove(at: index)
        return true
    }
}

/// A signature by one of some keys.
package struct SignatureRequirement: Sendable, Hashable {
    /// Files with public keys, or public keys themselves as PEM.
    package var keys: [String]
    /// The name that must have been signed, where that isn't the image's own: for copies of somebody else's images.
    package var identity: ImageReference?

    package init(keys: [String], identity: ImageReference? = nil) {
        self.keys = keys
        self.identity = identity
    }
}
