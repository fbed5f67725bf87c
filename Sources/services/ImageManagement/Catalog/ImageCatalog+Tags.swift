import ContentStorage
import MetadataStorage
package import OCISpec
import Reporting

extension ImageCatalog {
    /// The name that somebody may have meant who wrote one that isn't there.
    package func name(near name: String) throws -> String? {
        let names = try metadata.tags.all().compactMap { try? ImageReference($0.name).familiar }  // all are references
        let short = names.map { $0.hasSuffix(":latest") ? String($0.dropLast(7)) : $0 }
        return Suggestion.nearest(to: name, among: names) ?? Suggestion.nearest(to: name, among: short)
    }

    /// Every image, newest first, dangling ones too.
    ///
    /// Reads no documents.
    package func list() throws -> [ImageSummary] {
        let tags = Dictionary(grouping: try metadata.tags.all(), by: \.image)
        let origins = Dictionary(grouping: try metadata.origins.all(), by: \.image)
        let summaries = try metadata.images.all().map { row in
            ImageSummary(
                id: row.id,
                names: (tags[row.id] ?? []).compactMap { try? ImageReference($0.name) }.sorted(),  // all are references
                created: row.createdAt.map { Timestamp(epochNanoseconds: $0) },
                size: row.size,
                origins: (origins[row.id] ?? []).map(ImageOrigin.init)
            )
        }
        return summaries.sorted { left, right in
            let (first, second) = (left.created ?? .zero, right.created ?? .zero)
            return first == second ? left.id < right.id : first > second
        }
    }

    /// Gives an image one more name; a name that another image had moves.
    ///
    /// The reference must be one for tagging.
    package func tag(_ image: Image, as reference: ImageReference) throws {
        let name = try Self.tagName(reference)
        try metadata.transaction(durable: true) {
            guard try metadata.images.row(image.listedID) != nil else {
                throw Self.notFound(image.listedID.description)
            }
            try metadata.tags.set(name: name, image: image.listedID)
        }
        try publish()
    }

    /// The key of a tag in the store, for names that may be given to images.
    static func tagName(_ reference: ImageReference) throws -> String {
        guard let name = try ImageReference.forTagging(reference.familiar).tagName else {
            throw PlainFailure(.internal, "reference \"\(reference.familiar)\" has no tag")
        }
        return name
    }

    /// Writes `index.json` again.
    ///
    /// Reading the rows and writing the file happen in one transaction, so that of two processes the one that comes
    /// last writes what both have done.
    func publish() throws {
        try metadata.transaction {
            let tags = Dictionary(grouping: try metadata.tags.all(), by: \.image)
            var entries: [(name: String?, manifest: Descriptor)] = []
            for row in try metadata.images.all().sorted(by: { $0.id < $1.id }) {
                let names = tags[row.id]?.map(\.name).sorted() ?? []
                entries += names.isEmpty ? [(nil, row.manifest)] : names.map { ($0, row.manifest) }
            }
            try content.writeIndex(entries)
        }
    }
}
