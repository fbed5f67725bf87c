package import OCISpec
import Reporting

/// A manifest list that is being put together: which manifests it lists, and where they come from.
package struct ManifestList: Codable, Sendable {
    /// One manifest.
    package struct Entry: Codable, Sendable {
        /// How the user named it.
        package var name: String
        /// Where it is, as `ImagePlace` is written.
        package var place: String
        package var descriptor: Descriptor
    }

    package internal(set) var entries: [Entry] = []

    /// What is pushed: Docker's kind of list where all of it is Docker's, else an OCI index.
    package func document() throws -> Document<ImageIndex> {
        let isDocker = entries.allSatisfy { $0.descriptor.mediaType == .dockerManifest && $0.descriptor.annotations == nil }
        let type: MediaType = isDocker ? .dockerManifestList : .ociIndex
        let index = ImageIndex(mediaType: type, manifests: entries.map(\.descriptor))
        return try Document(encoding: index, mediaType: type)
    }

    /// Adds a manifest; another one for the same platform from the same name goes.
    mutating func add(_ entry: Entry) {
        entries.removeAll { $0.descriptor.digest == entry.descriptor.digest || $0.name == entry.name && $0.descriptor.platform == entry.descriptor.platform }
        entries.append(entry)
    }

    /// Changes what the list says of the manifests of a name.
    mutating func annotate(_ name: String, _ annotation: ManifestAnnotation, in list: String) throws {
        let found = entries.indices.filter { entries[$0].name == name }
        guard !found.isEmpty else {
            throw PlainFailure(
                .notFound,
                "manifest for image \(name) does not exist in \(list)",
                hint: "it lists \(Set(entries.map(\.name)).sorted().joined(separator: ", "))"
            )
        }
        for place in found { try annotation.apply(to: &entries[place].descriptor) }
    }
}

/// What is to be said of a manifest in a list.
package struct ManifestAnnotation: Sendable {
    package var os: String?
    package var architecture: String?
    package var variant: String?
    package var osVersion: String?
    package var osFeatures: [String] = []
    package var annotations: [String: String] = [:]

    package init() {}

    /// The processors that Go knows for an operating system, and Docker with it.
    private static let known: [String: Set<String>] = [
        "aix": ["ppc64"], "android": ["386", "amd64", "arm", "arm64"], "darwin": ["386", "amd64", "arm", "arm64"],
        "dragonfly": ["amd64"], "freebsd": ["386", "amd64", "arm", "arm64", "riscv64"], "illumos": ["amd64"],
        "js": ["wasm"], "wasip1": ["wasm"],
        "linux": [
            "386", "amd64", "arm", "arm64", "loong64", "mips", "mipsle", "mips64", "mips64le", "ppc64", "ppc64le",
            "riscv64", "s390x",
        ],
        "netbsd": ["386", "amd64", "arm", "arm64"], "openbsd": ["386", "amd64", "arm", "arm64"],
        "plan9": ["386", "amd64", "arm"], "solaris": ["amd64"], "windows": ["386", "amd64", "arm", "arm64"],
    ]

    func apply(to descriptor: inout Descriptor) throws {
        let old = descriptor.platform
        let platform = Platform(
            os: os ?? old?.os ?? "linux",
            architecture: architecture ?? old?.architecture ?? "",
            variant: variant ?? (architecture == nil ? old?.variant : nil),
            osVersion: osVersion ?? old?.osVersion,
            osFeatures: osFeatures.isEmpty ? old?.osFeatures : osFeatures
        )
        guard Self.known[platform.os]?.contains(platform.architecture) == true else {
            throw PlainFailure(
                .invalidArgument,
                "manifest entry for image has unsupported os/arch combination: \(platform.os)/\(platform.architecture)"
            )
        }
        descriptor.platform = platform
        if !annotations.isEmpty { descriptor.annotations = (descriptor.annotations ?? [:]).merging(annotations) { $1 } }
    }
}
