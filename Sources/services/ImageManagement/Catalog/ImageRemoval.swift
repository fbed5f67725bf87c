package import OCISpec
import Reporting

/// One line of what `rmi` did.
package enum Removal: Sendable, Hashable, CustomStringConvertible {
    /// A tag, in its familiar form.
    case untagged(String)
    /// An image's ID, or the chain ID of a layer that nothing needs any more.
    case deleted(Digest)

    package var description: String {
        switch self {
        case .untagged(let name): "Untagged: \(name)"
        case .deleted(let digest): "Deleted: \(digest)"
        }
    }
}

/// A container and the image that it was made from: what decides whether the image may go.
package struct ImageUser: Sendable, Hashable {
    package var container: String
    package var image: Digest
    package var isRunning: Bool

    package init(container: String, image: Digest, isRunning: Bool) {
        self.container = container
        self.image = image
        self.isRunning = isRunning
    }
}

/// What `rmi` of one argument does to one image, decided by Docker's rules before anything is changed.
struct ImageRemoval: Hashable {
    /// The tags and names with a digest that go, in order.
    var untagged: [ImageReference]
    /// Whether the image goes too.
    var deletesImage: Bool

    init(untagged: [ImageReference], deletesImage: Bool) {
        self.untagged = untagged
        self.deletesImage = deletesImage
    }

    /// What there is to know about the image.
    struct Situation {
        var image: Digest
        /// The tags that point at it, sorted.
        var names: [ImageReference]
        /// Containers of this image.
        var users: [ImageUser]
        /// Whether another image was built on it step by step.
        var hasChildren = false
    }

    /// Decides by the tag that was named, or without one by the image's ID.
    init(_ situation: Situation, named reference: ImageReference?, force: Bool) throws {
        if let reference {
            self = try Self.untagging(situation, reference.withDefaultTag, force: force)
        } else {
            let remaining = Self.isSingle(situation.names) ? [] : situation.names
            try Self.requireFree(situation, remaining: remaining, force: force)
            self.init(untagged: situation.names, deletesImage: true)
        }
    }

    private static func untagging(
        _ situation: Situation,
        _ reference: ImageReference,
        force: Bool
    ) throws -> ImageRemoval {
        if !force, Self.isSingle(situation.names), let user = situation.users.first {
            throw PlainFailure(
                .conflict,
                "conflict: unable to remove repository reference \"\(reference.familiar)\" (must force) - container "
                    + "\(user.container.prefix(12)) is using its referenced image \(situation.image.short)"
            )
        }
        var untagged = [reference]
        var left = situation.names.filter { $0 != reference }
        let own = left.filter { $0.repository == reference.repository }
        if reference.digest == nil, own.allSatisfy({ $0.digest != nil }) {
            // What is left of the repository are digests, which nobody would know by.
            untagged += own
            left.removeAll { own.contains($0) }
        }
        // The name is what was asked for: an image that can't go with it stays, without a name and without a word.
        let isFree = !situation.hasChildren && !situation.users.contains(where: \.isRunning)
        return ImageRemoval(
            untagged: untagged,
            deletesImage: left.isEmpty && isFree && (force || situation.users.isEmpty)
        )
    }

    /// Whether an image has one name as people see it: a tag at most, and digests of the same repository.
    private static func isSingle(_ names: [ImageReference]) -> Bool {
        if names.count <= 1 { return true }
        guard names.count(where: { $0.digest == nil }) <= 1 else { return false }
        return Set(names.map(\.repository)).count == 1
    }

    /// Docker's order of objections: children, running containers, several tags, stopped containers.
    ///
    /// The first two can't be overridden.
    private static func requireFree(_ situation: Situation, remaining: [ImageReference], force: Bool) throws {
        func conflict(_ message: String, hard: Bool) -> PlainFailure {
            PlainFailure(
                .conflict,
                "conflict: unable to delete \(situation.image.short) "
                    + "(\(hard ? "cannot be forced" : "must be forced")) - \(message)"
            )
        }
        if situation.hasChildren { throw conflict("image has dependent child images", hard: true) }
        if let user = situation.users.first(where: \.isRunning) {
            throw conflict("image is being used by running container \(user.container.prefix(12))", hard: true)
        }
        if force { return }
        if !remaining.isEmpty { throw conflict("image is referenced in multiple repositories", hard: false) }
        if let user = situation.users.first {
            throw conflict("image is being used by stopped container \(user.container.prefix(12))", hard: false)
        }
    }
}
