import ImageManagement
import OCISpec
import Reporting

/// Puts the images of one output together: layers in the form that it wants, config, manifest, and an index for several
/// platforms.
struct ImageAssembly {
    var forms: LayerForms
    var request: ExportRequest
    /// The keys of layers that manifests hold for other builds; nil for none.
    var inlineCache: [CacheUse]?

    /// BuildKit's choice: Docker's own types for `docker`, unless there are annotations, which those don't know.
    private var usesOCITypes: Bool {
        request.usesOCITypes.map { $0 || !request.annotations.isEmpty }
            ?? (request.kind != .docker || request.isStored || !request.annotations.isEmpty)
    }

    func image(of builds: [PlatformBuild]) throws -> AssembledImage {
        let images = try builds.map(image)
        guard builds.count > 1 else {
            var single = AssembledImage(images: images, names: request.names)
            single.platform = builds.first?.platform
            single.annotations = request.annotations.notes(on: .manifestDescriptor, of: builds.first?.platform) ?? [:]
            return single
        }
        let entries = zip(builds, images).map { build, image in
            var entry = image.manifest.descriptor
            entry.platform = build.platform
            entry.annotations = request.annotations.notes(on: .manifestDescriptor, of: build.platform)
            return entry
        }
        let type = typed(.ociIndex)
        let index = try Document(
            encoding: ImageIndex(
                mediaType: type,
                manifests: entries,
                annotations: request.annotations.notes(on: .index)
            ),
            mediaType: type
        )
        var several = AssembledImage(images: images, index: index, names: request.names)
        several.annotations = request.annotations.notes(on: .indexDescriptor) ?? [:]
        return several
    }

    private func image(of build: PlatformBuild) throws -> Image {
        let document = try Document(encoding: build.config, mediaType: typed(.ociConfig))
        let manifest = try Document(
            encoding: ImageManifest(
                mediaType: typed(.ociManifest),
                config: document.descriptor,
                layers: try build.fileSystem.layers.map(blob),
                annotations: try annotations(of: build, build.fileSystem.layers)
            ),
            mediaType: typed(.ociManifest)
        )
        return Image(manifest: manifest, config: document, names: request.names)
    }

    private func annotations(of build: PlatformBuild, _ layers: [BuiltLayer]) throws -> [String: String]? {
        let notes = request.annotations.notes(on: .manifest, of: build.platform)
        guard let uses = inlineCache,
            let text = try CacheDocument.inline(uses, result: BuiltFileSystem(layers: layers))
        else { return notes }
        return (notes ?? [:]).merging([CacheDocument.annotation: text]) { note, _ in note }
    }

    /// The blob that holds a layer.
    ///
    /// In the store layers stay as they are; what leaves it is compressed. A base's layer that is compressed already stays
    /// as it came, so that its digest stays too, unless that is asked for.
    private func blob(of layer: BuiltLayer) throws -> Descriptor {
        let standard: LayerForm? = request.isStored ? nil : .gzip
        var blob = layer.blob
        if let form = request.form ?? standard {
            let isFree = layer.isOurs || layer.blob.digest == layer.diffID
            if isFree || request.forcesForm { blob = try forms.blob(layer.diffID, stored: blob, as: form) }
        }
        blob.mediaType = typed(blob.mediaType)
        return blob
    }

    private func typed(_ type: MediaType) -> MediaType { usesOCITypes ? type.oci : type.docker }
}
