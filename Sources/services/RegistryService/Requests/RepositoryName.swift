import OCISpec

/// The name of a repository in the registry's addresses, and what it is called in the store.
///
/// The store's names are read as people write them: `app` and `library/app` are both `docker.io/library/app`, and
/// `quay.io/a/b` is what it says. So what `socle images` shows as `app:1` is here `app` and its tag `1`.
package struct RepositoryName: Hashable, Sendable {
    /// As it stands in the address.
    package let text: String
    /// In the store: complete, without a tag.
    let reference: ImageReference

    /// The key of the repository in the store.
    var key: String { reference.repository }

    package init(_ text: String) throws(RegistryRefusal) {
        // Before a host of its own, a name is only the path of one: nothing in it counts as a host, a tag or a digest.
        guard let path = try? ImageReference("docker.io/\(text)"), path.tag == nil, path.digest == nil,
            path.path == text || path.path == "library/\(text)", let name = try? ImageReference(text), name.tag == nil,
            (try? ImageReference.forTagging(name.familiarName)) != nil
        else { throw RegistryRefusal(400, .nameInvalid, "invalid name of a repository") }
        self.text = text
        reference = name
    }

    /// A repository of the store; nil for one whose name can't stand in an address (a host with a port).
    init?(key: String) {
        guard let reference = try? ImageReference(key), let name = try? RepositoryName(reference.familiarName),
            name.key == key
        else { return nil }
        self = name
    }

    /// The name that the store gives a tag.
    func name(_ tag: String) throws -> ImageReference { try ImageReference("\(key):\(tag)") }
}
