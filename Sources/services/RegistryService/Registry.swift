package import ContentStorage
package import ImageManagement
package import MetadataStorage
import OCISpec

/// A registry over a store: what it answers to each request of the distribution specification, without any socket.
///
/// Its repositories are the names of the store's images, and what is pushed becomes the store's. Calls block.
package final class Registry: Sendable {
    let images: ImageCatalog
    let content: ContentStore
    let metadata: MetadataStore
    let contents: RepositoryContents
    let uploads: UploadTable
    let recent: RecentBlobs
    let inspection: LayerInspection
    let isReadOnly: Bool

    package init(images: ImageCatalog, content: ContentStore, metadata: MetadataStore, isReadOnly: Bool = false) {
        self.images = images
        self.content = content
        self.metadata = metadata
        self.isReadOnly = isReadOnly || metadata.isReadOnly
        contents = RepositoryContents(content: content, metadata: metadata)
        uploads = UploadTable(content, metadata)
        recent = RecentBlobs(metadata)
        inspection = LayerInspection(images)
    }

    /// What becomes of a request; never fails: what went wrong is an answer too.
    package func react(to request: RegistryRequest) -> RegistryReaction {
        do { return try reaction(to: request) } catch { return .answer(RegistryRefusal(error).answer) }
    }

    /// Ends uploads and forgets blobs whose time is over.
    package func sweep(at now: Int64 = Timestamp.now.seconds) {
        uploads.sweep(before: now - UploadTable.patience)
        recent.sweep(before: now - RecentBlobs.life)
    }

    /// Lets go of everything, before the process ends.
    package func close() {
        uploads.sweep(before: .max)
        recent.sweep(before: .max)
    }

    private func reaction(to request: RegistryRequest) throws -> RegistryReaction {
        let route = try RegistryRoute(path: request.path)
        guard let method = request.method, Self.methods(of: route).contains(method) else {
            let allowed = Self.methods(of: route).map(\.rawValue).joined(separator: ", ")
            throw RegistryRefusal(
                405,
                .unsupported,
                "the address doesn't have this method",
                headers: [HeaderField("Allow", allowed)]
            )
        }
        if isReadOnly, method != .get, method != .head {
            throw RegistryRefusal(405, .unsupported, "the registry can only be read")
        }
        switch route {
        case .base:
            return .answer(RegistryAnswer(200, [HeaderField("Content-Type", "application/json")], Array("{}".utf8)))
        case .catalog: return .answer(try catalog(request))
        case .tags(let name): return .answer(try tags(name, request))
        case .referrers(let name, let digest): return .answer(try referrers(name, digest, request))
        case .manifest(let name, let reference):
            switch method {
            case .put: return .receive(try manifestReceiver(name, reference, request))
            case .delete: return .answer(try delete(name, reference))
            default: return .answer(try manifest(name, reference, request))
            }
        case .blob(let name, let digest):
            return .answer(try method == .delete ? delete(name, digest) : blob(name, digest, request))
        case .uploads(let name): return try startUpload(name, request)
        case .upload(let name, let id): return try upload(uploads.find(name, id), method, request)
        }
    }

    private static func methods(of route: RegistryRoute) -> [RegistryRequest.Method] {
        switch route {
        case .base, .catalog, .tags, .referrers: [.get, .head]
        case .manifest: [.get, .head, .put, .delete]
        case .blob: [.get, .head, .delete]
        case .uploads: [.post]
        case .upload: [.get, .head, .patch, .put, .delete]
        }
    }
}
