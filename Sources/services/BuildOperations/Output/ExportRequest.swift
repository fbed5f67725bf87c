package import ImageManagement
package import OCISpec
import Reporting

/// One `--output` of a build: what becomes of the result, and where it goes.
package struct ExportRequest: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// An image in the store.
        case image
        /// An archive, or a folder, in OCI's layout.
        case oci
        /// An archive, or a folder, that `docker load` takes; without a place an image in the store.
        case docker
        /// The files, in a folder.
        case local
        /// The files, as a tar.
        case tar
        /// Nothing: the build only fills the cache.
        case cacheonly
    }

    package var kind: Kind
    /// A path as the user wrote it, or `-` for standard output; nil where none was said.
    package var destination: String?
    /// The names of the image; the build's tags where it has any.
    package var names: [ImageReference] = []
    /// Whether `oci` and `docker` are one file; else a folder.
    package var isArchive = true
    /// How layers are written; nil leaves it to the kind.
    package var form: LayerForm?
    /// Whether layers that are compressed otherwise already are written anew.
    package var forcesForm = false
    /// Whether documents are of OCI's types; nil leaves it to the kind.
    package var usesOCITypes: Bool?
    /// Whether times are brought down to SOURCE_DATE_EPOCH. They always are; without an epoch it is worth a word.
    package var rewritesTimestamps = false
    package var annotations: [ImageAnnotation] = []
    /// Whether files of several platforms go into a folder each; nil: if there are several.
    package var splitsPlatforms: Bool?
    /// Whether the image also goes to the registries of its names.
    package var pushes = false
    /// Whether what the result doesn't have is removed from the folder.
    package var removesOthers = false

    package init(_ kind: Kind) { self.kind = kind }

    /// Whether the result is an image that the store lists.
    package var isStored: Bool { kind == .image || kind == .docker && isArchive && destination == nil }
    /// Whether an image is made at all.
    package var isImage: Bool { [.image, .oci, .docker].contains(kind) }
    /// Whether one file is written, or standard output.
    package var isFile: Bool { kind == .tar || [.oci, .docker].contains(kind) && isArchive && !isStored }
    /// Whether a folder is written.
    package var isFolder: Bool { kind == .local || [.oci, .docker].contains(kind) && !isArchive }
}
