import ByteStreams
import ContentStorage
import ImageTrust
import MetadataStorage
package import OCISpec
import Reporting

extension ImageCatalog {
    /// Lets an image appear whose blobs somebody has put into the store one by one, as those do who push to its registry.
    ///
    /// Nil where what is there isn't an image that a container could be made of: something else may have the same form, and
    /// layers may be others than the config says. Whoever calls holds the blobs. What the machine's policies don't let in is
    /// refused; nobody asks for signatures, as with archives.
    ///
    /// `inspection` knows what the layers are, or finds out. What comes back is the ID by which the store lists it.
    package func adopt(
        _ root: Descriptor,
        as names: [ImageReference],
        knowing inspection: LayerInspection
    ) throws -> Digest? {
        let adoption = ImageAdoption(catalog: self, inspection: inspection, names: names)
        switch root.mediaType.role {
        case .manifest: return try adoption.manifest(root)
        case .index: return try adoption.index(root)
        case .config, .layer, .other: return nil
        }
    }
}

/// An image that is taken in with its names.
private struct ImageAdoption {
    let catalog: ImageCatalog
    let inspection: LayerInspection
    let names: [ImageReference]

    private var content: ContentStore { catalog.content }

    func manifest(_ root: Descriptor) throws -> Digest? {
        guard let document = try? Document<ImageManifest>(stored: root, in: content),
            StoredIndex.isImage(root, document.value), var new = try candidate(document)
        else { return nil }
        try admit([new], index: nil)
        let id = new.config.descriptor.digest
        // One that is here already, perhaps with its layers in another form, is good as it is.
        if let image = try? catalog.image(id), image.index == nil, try image.manifest.value.layers.allSatisfy(isWhole) {
            for name in names { try catalog.tag(image, as: name) }
            return id
        }
        new.tags = names
        return try catalog.register([new])[0].image.listedID
    }

    func index(_ root: Descriptor) throws -> Digest? {
        guard let document = try? Document<ImageIndex>(stored: root, in: content) else { return nil }
        var images: [ImageCatalog.NewImage] = []
        var extras: [Descriptor] = []
        for entry in document.value.manifests where entry.mediaType.role == .manifest {
            guard try isWhole(entry) else { continue }
            guard let manifest = try? Document<ImageManifest>(stored: entry, in: content) else { return nil }
            let blobs = [manifest.value.config] + manifest.value.layers
            if StoredIndex.isImage(entry, manifest.value) {
                guard let new = try candidate(manifest) else { return nil }
                images.append(new)
            } else {
                extras += try [entry] + blobs.filter { try content.contains($0.digest) }
            }
        }
        guard !images.isEmpty else { return nil }
        try admit(images, index: root.digest)
        // As with archives, an index of one image counts as that image.
        if images.count == 1,
            let manifest = document.value.manifests.first(where: { entry in
                entry.digest == images[0].manifest.descriptor.digest
            })
        {
            return try self.manifest(manifest)
        }
        let new = ImageCatalog.NewIndex(document: document, images: images, tags: names, extras: extras)
        _ = try catalog.register([], [new])
        return root.digest
    }

    private func isWhole(_ blob: Descriptor) throws -> Bool { try content.size(blob.digest) == blob.size }

    /// An image whose parts fit together; nil for another one.
    private func candidate(_ manifest: Document<ImageManifest>) throws -> ImageCatalog.NewImage? {
        let layers = manifest.value.layers
        guard try isWhole(manifest.value.config), try layers.allSatisfy(isWhole),
            let config = try? Document<ImageConfig>(stored: manifest.value.config, in: content),
            config.value.rootfs.type == "layers", config.value.rootfs.diffIDs.count == layers.count
        else { return nil }
        guard let rows = try rows(Array(zip(config.value.rootfs.diffIDs, layers))) else { return nil }
        return ImageCatalog.NewImage(manifest: manifest, config: config, tags: [], layers: rows)
    }

    /// The layers with what they hold, if each is what the config says; two are read at the same time.
    private func rows(_ layers: [(diffID: Digest, blob: Descriptor)]) throws -> [LayerRow]? {
        var rows: [LayerRow] = []
        var fits = true
        try OrderedWork.run(count: layers.count, width: 2) { [self] index in
            try row(layers[index].diffID, layers[index].blob)
        } take: { _, row in
            if let row { rows.append(row) } else { fits = false }
        } stop: {
        }
        return fits ? rows : nil
    }

    private func row(_ diffID: Digest, _ blob: Descriptor) throws -> LayerRow? {
        guard blob.mediaType.role == .layer else { return nil }
        if let known = try catalog.metadata.layers.row(diffID), known.blob.digest == blob.digest,
            known.contentSize != nil
        {
            return LayerRow(diffID: diffID, blob: blob, contentSize: known.contentSize)
        }
        // As with archives, some say of plain layers that they are compressed: who reads them looks for himself.
        guard let facts = try inspection.facts(of: blob), facts.diffID == diffID else { return nil }
        return LayerRow(diffID: diffID, blob: blob, contentSize: facts.contentSize)
    }

    private func admit(_ images: [ImageCatalog.NewImage], index: Digest?) throws {
        let gate = try catalog.trust()
        guard !gate.policies.isEmpty else { return }
        for image in images {
            let manifest = image.manifest.descriptor.digest
            for name in names {
                var candidate = TrustCandidate(name, digest: index ?? manifest, platformDigest: manifest)
                candidate.otherDigests = [image.config.descriptor.digest]
                _ = try gate.admit(candidate, signatures: NoSignatures())
            }
        }
    }
}

extension ImageCatalog {
    /// Writes the names for other programs again, after somebody else changed them.
    package func publishNames() throws { try publish() }
}
