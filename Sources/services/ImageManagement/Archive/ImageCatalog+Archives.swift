package import ByteStreams
import ContentStorage
import MetadataStorage
package import OCISpec
package import Reporting
package import SystemPackage

/// An image that `load` brought.
package struct LoadedImage: Sendable {
    package var id: Digest
    /// The names it has in the archive; empty for one without.
    package var names: [ImageReference]
    /// Names that another image had before.
    package var replaced: [(name: ImageReference, former: Digest)]

    /// What `docker load` prints.
    package var lines: [String] {
        if names.isEmpty { return ["Loaded image ID: \(id)"] }
        return names.flatMap { name -> [String] in
            let former = replaced.first { $0.name == name }.map {
                "The image \(name.familiar) already exists, renaming the old one with ID \($0.former) to empty string"
            }
            return (former.map { [$0] } ?? []) + ["Loaded image: \(name.familiar)"]
        }
    }
}

extension ImageCatalog {
    /// Loads the images of an archive that `save`, docker, podman, skopeo or buildah wrote, compressed or not: all of
    /// them or, after an error, none.
    ///
    /// - Parameter selection: takes one of them only, under a name of its own.
    package func load(
        from source: any ByteSource,
        selecting selection: LoadSelection? = nil,
        progress: @escaping ProgressSink
    ) throws -> [LoadedImage] {
        try leasing { try load(from: source, selection, holding: $0, progress) }
    }

    private func load(
        from source: any ByteSource,
        _ selection: LoadSelection?,
        holding held: ContentStore,
        _ progress: @escaping ProgressSink
    ) throws -> [LoadedImage] {
        let counted = ProgressSource(source, task: 0, title: "load", progress: progress)
        let intake = ArchiveIntake(content, held: held)
        try intake.take(counted)
        var plan = try LoadPlan(intake.contents, platform: .host)
        if let selection { try plan.select(selection) }
        try admit(plan)
        for note in plan.notes { progress(.note(note)) }

        let images = plan.images.map(Self.new)
        let indexes = plan.indexes.map { index in
            NewIndex(
                document: index.document,
                images: index.images.map(Self.new),
                tags: index.names,
                extras: index.extras.map(\.descriptor)
            )
        }
        let planned = plan.images + plan.indexes.flatMap(\.images)
        let registered = try register(images, indexes) { content in
            for layer in planned.flatMap(\.layers) { try intake.keep(layer.descriptor) }
            for extra in plan.indexes.flatMap(\.extras) {
                if let bytes = extra.bytes {
                    try content.put(bytes, durable: false)
                } else {
                    try intake.keep(extra.descriptor)
                }
            }
        }
        progress(.finished(0, .done))
        let names = plan.images.map(\.names) + plan.indexes.map(\.names)
        return zip(names, registered).map { names, registered in
            LoadedImage(id: registered.image.listedID, names: names, replaced: registered.replaced)
        }
    }

    private static func new(_ image: LoadPlan.PlannedImage) -> NewImage {
        NewImage(
            manifest: image.manifest,
            config: image.config,
            tags: image.names,
            layers: image.layers.map { layer in
                LayerRow(
                    diffID: layer.facts.diffID,
                    blob: layer.descriptor,
                    contentSize: layer.facts.contentSize
                )
            }
        )
    }

    /// Writes the named images into one archive: a Docker archive and an OCI layout at once.
    ///
    /// As with Docker, a repository without a tag stands for all its tags; an ID gives an image without a name.
    package func save(_ names: [String], to sink: any ByteSink) throws {
        try holding {
            try named(names)
        } _: { images in
            try ArchiveWriter(images, content: content).write(to: sink)
        }
    }

    /// The same of one image, under another name.
    package func save(_ name: String, as newName: ImageReference?, to sink: any ByteSink) throws {
        try holding {
            var image = try assembled(find(name).row)
            if let newName { image.names = [newName.withDefaultTag] }
            return [image]
        } _: { images in
            try ArchiveWriter(images, content: content).write(to: sink)
        }
    }

    /// Writes the named images into a folder, as an OCI layout.
    package func save(_ names: [String], toLayout folder: FilePath) throws {
        try holding {
            try named(names)
        } _: { images in
            try ArchiveWriter(images, forDocker: false, content: content).write(layout: folder)
        }
    }

    private func named(_ names: [String]) throws -> [AssembledImage] {
        var items: [(id: Digest, image: AssembledImage)] = []
        for (id, name) in try names.flatMap(selection) {
            if let index = items.firstIndex(where: { $0.id == id }) {
                if let name, !items[index].image.names.contains(name) { items[index].image.names.append(name) }
            } else if let row = try metadata.images.row(id) {
                var image = try assembled(row)
                image.names = name.map { [$0] } ?? []
                items.append((id, image))
            }
        }
        for index in items.indices { items[index].image.names.sort() }
        return items.map(\.image)
    }

    /// The images that one argument of `save` stands for, with the names that they get.
    private func selection(_ text: String) throws -> [(Digest, ImageReference?)] {
        let isReference = (try? Digest(text)) == nil && (try? Digest("sha256:\(text)")) == nil  // else it is an ID
        if isReference {
            let reference = try ImageReference(text)
            if reference.digest == nil, reference.tag == nil {
                let tagged = try metadata.tags.all().compactMap { row -> (Digest, ImageReference?)? in
                    guard let name = try? ImageReference(row.name), name.repository == reference.repository else {
                        return nil
                    }
                    return (row.image, name)
                }
                if !tagged.isEmpty { return tagged }
            }
        }
        do {
            let found = try find(text)
            return [(found.row.id, found.reference.flatMap { $0.digest == nil ? $0 : nil })]
        } catch let failure as PlainFailure where failure.kind == .notFound {
            throw Self.notFound(text)
        }
    }
}
