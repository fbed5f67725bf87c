/// A name inside an image archive, cleaned so that the ways of writing it are one: never a path on this machine.
struct ArchivePath: Hashable, Comparable, CustomStringConvertible {
    let description: String

    /// Reads a name as an archive or a manifest has it: `./a//b` is `a/b`.
    ///
    /// Nil for what points outside, is empty or is not UTF-8.
    init?(_ bytes: some Sequence<UInt8>) {
        guard let text = String(validating: Array(bytes), as: UTF8.self) else { return nil }
        self.init(components: text.split(separator: "/"))
    }

    init?(_ text: String) { self.init(components: text.split(separator: "/")) }

    /// Where a link at `place` with this target points to, inside the archive.
    ///
    /// Nil if it points outside.
    init?(target: [UInt8], ofLinkAt place: ArchivePath) {
        guard let text = String(validating: target, as: UTF8.self) else { return nil }
        let folder = text.hasPrefix("/") ? [] : place.description.split(separator: "/").dropLast()
        self.init(components: folder + text.split(separator: "/"))
    }

    private init?(components: [Substring]) {
        var clean: [Substring] = []
        for component in components where component != "." {
            if component != ".." {
                clean.append(component)
            } else if clean.popLast() == nil {
                return nil
            }
        }
        guard !clean.isEmpty else { return nil }
        description = clean.joined(separator: "/")
    }

    /// The last component.
    var name: Substring { description.split(separator: "/").last ?? "" }

    /// The digest that a file of an OCI layout is named after: `blobs/sha256/<hex>`.
    var blobDigestText: String? {
        let parts = description.split(separator: "/")
        return parts.count == 3 && parts[0] == "blobs" ? "\(parts[1]):\(parts[2])" : nil
    }

    static func < (left: ArchivePath, right: ArchivePath) -> Bool { left.description < right.description }

    static let dockerManifest = ArchivePath(known: "manifest.json")
    static let repositories = ArchivePath(known: "repositories")
    static let layoutIndex = ArchivePath(known: "index.json")
    static let layoutMarker = ArchivePath(known: "oci-layout")

    private init(known: String) { description = known }
}
