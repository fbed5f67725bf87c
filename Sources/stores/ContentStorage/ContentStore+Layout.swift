private import LinuxSystem
package import OCISpec
private import SystemPackage

extension ContentStore {
    /// Writes `index.json`, by which other programs find the images of the store where it lies.
    ///
    /// A name is complete (`docker.io/library/hello:1`); the index has it as it is for programs that look for
    /// containerd's annotation, and as people write it (`hello:1`) as the layout's own reference name. Readers see the
    /// old or the new file. It can be made again at any time, so nobody waits for the disk.
    package func writeIndex(_ entries: [(name: String?, manifest: Descriptor)]) throws(ContentError) {
        let manifests = entries.map { entry in
            var manifest = Descriptor(
                mediaType: entry.manifest.mediaType,
                digest: entry.manifest.digest,
                size: entry.manifest.size,
                platform: entry.manifest.platform
            )
            manifest.annotations = entry.name.map {
                [Annotation.referenceName: Self.familiar($0), Annotation.imageName: $0]
            }
            return manifest
        }
        let bytes = try encode(ImageIndex(manifests: manifests))
        if try current("index.json", limit: bytes.count) == bytes { return }
        try write(bytes, as: "index.json")
    }

    /// The marker says which layout this is; it never changes.
    func makeLayoutMarker() throws(ContentError) {
        let isThere = try system { () throws(SystemError) in try folders.root.status("oci-layout") != nil }
        if !isThere { try write(try encode(ImageLayout()), as: "oci-layout") }
    }

    private static func familiar(_ name: String) -> String {
        do { return try ImageReference(name).familiar } catch { return name }
    }

    private func encode(_ value: some Encodable) throws(ContentError) -> [UInt8] {
        do throws(JSONError) { return try JSON.encode(value) } catch {
            throw ContentError(.mismatch(error.description))
        }
    }

    /// What a file holds, if it isn't larger than what is to be written anyway.
    private func current(_ name: PathBytes, limit: Int) throws(ContentError) -> [UInt8]? {
        try system { () throws(SystemError) in
            do throws(SystemError) {
                let file = try folders.root.openForReading(name)
                return try DescriptorIO.readAll(file.raw, limit: limit)
            } catch  where [.noSuchFileOrDirectory, .fileTooLarge].contains(error.errno) { return nil }
        }
    }

    private func write(_ bytes: [UInt8], as name: PathBytes) throws(ContentError) {
        try system { () throws(SystemError) in
            let file = try folders.root.temporaryFile(mode: 0o644)
            try DescriptorIO.write(file.descriptor.raw, bytes.span)
            try file.link(as: name, replace: true)
        }
    }
}
