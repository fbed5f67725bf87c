import ByteStreams
package import OCISpec
import Reporting

extension RemoteRepository {
    /// Lists come in pages; no honest one has more.
    private static let mostPages = 1_000

    /// All tags, in the registry's order.
    package func tags() throws(RegistryError) -> [String] {
        struct Page: Codable, Sendable { var tags: [String]? }
        var tags: [String] = []
        try pages(of: call(.get, home, "tags/list")) { (response) throws(RegistryError) in
            let page = try RegistryAnswer.document(Page.self, response, reference.familiarName)
            tags += page.tags ?? []
        }
        return tags
    }

    /// The manifests that say something about another one: signatures, lists of contents. Asks the registry, and where it
    /// can't tell, the tag that stands for it.
    package func referrers(of digest: Digest, artifactType: String? = nil) throws(RegistryError) -> [Descriptor] {
        let query = artifactType.map { "?artifactType=\(PercentEncoding.encoded($0))" } ?? ""
        var found: [Descriptor] = []
        do throws(RegistryError) {
            try pages(of: call(.get, home, "referrers/\(digest)\(query)")) { (response) throws(RegistryError) in
                found += try RegistryAnswer.document(ImageIndex.self, response, reference.familiarName).manifests
            }
        } catch {
            guard error.kind == .notFound || error.kind == .invalidArgument else { throw error }
            found = try taggedReferrers(of: digest)
        }
        // A registry may have filtered or not.
        return artifactType.map { type in found.filter { $0.artifactType == type } } ?? found
    }

    /// The tag that lists what refers to a manifest, at registries that don't do so themselves.
    package static func referrersTag(of digest: Digest) -> String { "\(digest.algorithm)-\(digest.hex)" }

    private func taggedReferrers(of digest: Digest) throws(RegistryError) -> [Descriptor] {
        let index: RemoteManifest
        do throws(RegistryError) { index = try manifest(.tag(Self.referrersTag(of: digest))) } catch {
            if error.kind == .notFound { return [] }
            throw error
        }
        guard index.descriptor.mediaType == .ociIndex else { return [] }
        do throws(JSONError) {
            return try JSON.decode(ImageIndex.self, from: index.bytes, limit: Self.manifestLimit).manifests
        } catch {
            throw RegistryError(.protocolError("its list of referrers: \(error)"), reference.familiarName)
        }
    }

    /// Goes through a list page by page, as `Link` says (RFC 8288).
    private func pages(
        of first: RegistryCall,
        _ body: (HTTPResponse) throws(RegistryError) -> Void
    ) throws(RegistryError) {
        var call = first
        for _ in 0..<Self.mostPages {
            let response = try home.connection.send(call)
            try require([200], response, reference.familiarName)
            let next = response.header("link").flatMap(Self.next)
            let here = WebAddress(response.finalURL)
            try body(response)
            guard let next, let address = here?.resolving(next) else { return }
            call.place = .address(address)
        }
        throw RegistryError(.protocolError("its list has more than \(Self.mostPages) pages"), reference.familiarName)
    }

    /// The target of `<…>; rel="next"`.
    static func next(_ link: String) -> String? {
        guard link.contains("rel=\"next\"") || link.contains("rel=next"), let start = link.firstIndex(of: "<"),
            let end = link[start...].firstIndex(of: ">")
        else { return nil }
        return String(link[link.index(after: start)..<end])
    }
}
