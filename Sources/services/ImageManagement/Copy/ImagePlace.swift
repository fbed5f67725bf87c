package import OCISpec
import Reporting
package import SystemPackage

/// Where an image is or goes, as people write it: the words of containers-transports(5), and `store:`.
package enum ImagePlace: Sendable, Hashable, CustomStringConvertible {
    /// `docker://NAME[:TAG|@DIGEST]`
    case registry(ImageReference)
    /// `store:NAME|ID`
    case store(String)
    /// `oci:PATH[:NAME|@DIGEST]`
    case layout(FilePath, LayoutEntry?)
    /// `oci-archive:PATH[:NAME|@DIGEST]`
    case layoutArchive(FilePath, LayoutEntry?)
    /// `docker-archive:PATH[:NAME]`
    case dockerArchive(FilePath, ImageReference?)
    /// `docker-daemon:NAME[:TAG]|ID`
    case dockerDaemon(String)

    private static let words = ["docker://", "store:", "oci:", "oci-archive:", "docker-archive:", "docker-daemon:"]

    /// Reads what somebody wrote.
    package init(_ text: String) throws {
        func rest(of word: String) -> String? { text.hasPrefix(word) ? String(text.dropFirst(word.count)) : nil }
        if let name = rest(of: "docker://") {
            let reference = try ImageReference(name).withDefaultTag
            try ImageReference.requireNotReserved(reference)
            self = .registry(reference)
        } else if let name = rest(of: "store:") {
            self = .store(try Self.required(name, of: text))
        } else if let name = rest(of: "docker-daemon:") {
            self = .dockerDaemon(try Self.required(name, of: text))
        } else if let place = rest(of: "oci:") {
            let (path, entry) = try Self.layout(place, of: text)
            self = .layout(path, entry)
        } else if let place = rest(of: "oci-archive:") {
            let (path, entry) = try Self.layout(place, of: text)
            self = .layoutArchive(path, entry)
        } else if let place = rest(of: "docker-archive:") {
            let parts = place.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let path = FilePath(try Self.required(parts.first.map(String.init) ?? "", of: text))
            self = .dockerArchive(path, try parts.count == 2 ? ImageReference.forTagging(String(parts[1])) : nil)
        } else {
            throw PlainFailure(
                .invalidArgument,
                "\"\(text)\" doesn't say where the image is",
                hint: "it begins with one of \(Self.words.joined(separator: ", "))"
            )
        }
    }

    private static func layout(_ place: String, of text: String) throws -> (FilePath, LayoutEntry?) {
        if let mark = place.firstRange(of: "@sha256:") {
            let digest = try Digest(String(place[place.index(after: mark.lowerBound)...]))
            return (FilePath(try required(String(place[..<mark.lowerBound]), of: text)), .digest(digest))
        }
        let parts = place.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let path = FilePath(try required(parts[0], of: text))
        return (path, parts.count == 2 ? .name(try required(parts[1], of: text)) : nil)
    }

    private static func required(_ part: String, of text: String) throws -> String {
        guard !part.isEmpty else { throw PlainFailure(.invalidArgument, "\"\(text)\" is not complete") }
        return part
    }

    /// Whether it keeps manifests byte for byte: then a copy has the same digest.
    var keepsManifests: Bool {
        switch self {
        case .registry, .layout, .layoutArchive: true
        case .store, .dockerArchive, .dockerDaemon: false
        }
    }

    /// The name that the place itself gives to the image.
    package var ownName: ImageReference? {
        switch self {
        case .registry(let reference): reference.digest == nil ? reference : nil
        case .dockerArchive(_, let name): name
        case .store(let name), .dockerDaemon(let name): try? ImageReference.forTagging(name)
        case .layout(_, .name(let name)), .layoutArchive(_, .name(let name)): try? ImageReference.forTagging(name)
        case .layout, .layoutArchive: nil
        }
    }

    package var description: String {
        switch self {
        case .registry(let reference): "docker://\(reference.familiar)"
        case .store(let name): "store:\(name)"
        case .layout(let path, let entry): "oci:\(path)\(entry?.suffix ?? "")"
        case .layoutArchive(let path, let entry): "oci-archive:\(path)\(entry?.suffix ?? "")"
        case .dockerArchive(let path, let name): "docker-archive:\(path)\(name.map { ":\($0.familiar)" } ?? "")"
        case .dockerDaemon(let name): "docker-daemon:\(name)"
        }
    }
}

/// One of the images that an OCI layout lists.
package enum LayoutEntry: Sendable, Hashable {
    /// What the annotation `org.opencontainers.image.ref.name` or containerd's complete name says.
    case name(String)
    case digest(Digest)

    var suffix: String {
        switch self {
        case .name(let name): ":\(name)"
        case .digest(let digest): "@\(digest)"
        }
    }

    /// The entry of `index.json` that is meant: without a name the one that is called `latest`, or the only one.
    static func choose(_ wanted: LayoutEntry?, among entries: [Descriptor], of place: String) throws -> Descriptor {
        let found: Descriptor?
        switch wanted {
        case .digest(let digest): found = entries.first { $0.digest == digest }
        case .name(let name): found = entries.last { $0.goes(by: name) }
        case nil: found = entries.count == 1 ? entries[0] : entries.last { $0.goes(by: "latest") }
        }
        if let found { return found }
        let names = Set(entries.compactMap { $0.annotations?[Annotation.referenceName] }).sorted()
        throw PlainFailure(
            .notFound,
            wanted.map { "no image \"\($0.suffix.dropFirst())\" in \(place)" } ?? "\(place) has \(entries.count) images",
            hint: names.isEmpty ? "it lists \(entries.count) images without names" : "it has \(names.joined(separator: ", "))"
        )
    }
}

extension Descriptor {
    fileprivate func goes(by name: String) -> Bool {
        let complete = annotations?[Annotation.imageName]
        if let short = annotations?[Annotation.referenceName], short == name || short.hasSuffix(":\(name)") { return true }
        guard let complete else { return false }
        return complete == name || (try? ImageReference(name).withDefaultTag.canonical) == complete
    }
}
