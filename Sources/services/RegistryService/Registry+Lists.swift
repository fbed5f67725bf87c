import MetadataStorage
import OCISpec

extension Registry {
    /// GET `/v2/_catalog`: the repositories as people write them.
    func catalog(_ request: RegistryRequest) throws -> RegistryAnswer {
        var page = try ListPage(request)
        page.count = min(page.count ?? Self.catalogLimit, Self.catalogLimit)
        let (part, hasMore) = page.cut(Array(try contents.repositories()))
        let link = hasMore ? [ListPage.link("/v2/_catalog", count: page.count, last: part.last ?? "")] : []
        return Self.document(["repositories": JSONValue(strings: part)], link)
    }

    /// More of them are given in parts only.
    private static let catalogLimit = 1_000

    /// GET `/v2/NAME/tags/list`
    func tags(_ name: RepositoryName, _ request: RegistryRequest) throws -> RegistryAnswer {
        let page = try ListPage(request)
        guard try contents.isKnown(name) || recent.hasAny(name) else { throw RegistryRefusal.nameUnknown(name) }
        let (part, hasMore) = page.cut(Array(try contents.tags(name)))
        let path = "/v2/\(name.text)/tags/list"
        let link = hasMore ? [ListPage.link(path, count: page.count, last: part.last ?? "")] : []
        return Self.document(["name": .string(name.text), "tags": JSONValue(strings: part)], link)
    }

    /// GET `/v2/NAME/referrers/DIGEST`: what says something about a manifest, which need not be there.
    func referrers(_ name: RepositoryName, _ digest: Digest, _ request: RegistryRequest) throws -> RegistryAnswer {
        let wanted = request.parameter("artifactType")
        var headers = wanted == nil ? [] : [HeaderField("OCI-Filters-Applied", "artifactType")]
        var entries: [JSONValue] = []
        var size = 0
        let rows = try metadata.published.referrers(
            repository: name.key,
            subject: digest,
            after: request.parameter("last") ?? ""
        )
        for row in rows where wanted == nil || row.artifactType == wanted {
            let entry = try Self.entry(row, annotations: contents.parts(of: row.manifest)?.annotations)
            size += entry.serialized().utf8.count
            // Clients take no list that is larger than a manifest may be.
            if size > ManifestParts.limit / 2, let last = entries.last?["digest"]?.text {
                let filter = wanted.map { "&artifactType=\($0.filter { $0.isASCII && !"<>\"& ".contains($0) })" } ?? ""
                headers.append(
                    ListPage.link("/v2/\(name.text)/referrers/\(digest)", count: nil, last: last, more: filter)
                )
                break
            }
            entries.append(entry)
        }
        headers.append(HeaderField("Content-Type", MediaType.ociIndex.rawValue))
        let index: JSONObject = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociIndex.rawValue), "manifests": .array(entries),
        ]
        return RegistryAnswer(200, headers, Array(JSONValue.object(index).serialized().utf8))
    }

    private static func entry(_ row: PublishedRow, annotations: [String: String]?) -> JSONValue {
        var entry: JSONObject = [
            "mediaType": .string(row.manifest.mediaType.rawValue), "digest": .string(row.manifest.digest.description),
            "size": .integer(row.manifest.size),
        ]
        if let type = row.artifactType { entry["artifactType"] = .string(type) }
        if let annotations { entry["annotations"] = .object(JSONObject(annotations)) }
        return .object(entry)
    }

    private static func document(_ object: JSONObject, _ headers: [HeaderField]) -> RegistryAnswer {
        let bytes = Array(JSONValue.object(object).serialized().utf8)
        return RegistryAnswer(200, headers + [HeaderField("Content-Type", "application/json")], bytes)
    }
}
