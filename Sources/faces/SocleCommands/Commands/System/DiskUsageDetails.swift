import BuildOperations
import ContainerManagement
import ImageManagement
import OCISpec
import SocleEngine

/// `socle system df -v`: every image, container, volume and record of the build cache, and what the store takes on disk.
struct DiskUsageDetails {
    private let template: Template?

    /// A format is given all of it at once, as with Docker: `.Images`, `.Containers`, `.Volumes`,
    /// `.BuildCache`, and `.Store`, which Docker doesn't have.
    init(format: String?) throws(ArgumentError) {
        let text = format.flatMap { $0.isEmpty || $0 == "table" ? nil : $0 }
        template = try text.map { text throws(ArgumentError) in
            try Listing.template(text == "json" ? "{{json .}}" : text)
        }
    }

    func show(_ session: Session) throws -> ExitCode {
        let engine = try session.engine()
        let usage = try engine.diskUsage()
        let now = Timestamp.now
        let images = Self.images(usage, now: now)
        let containers = usage.containers.map { Self.container($0, now: now) }
        let volumes = usage.volumes.map(Self.volume)
        let cache = usage.cache.map { Self.cache($0, now: now) }
        let store = try engine.storeUsage()
        let parts = store.parts.map(Self.part)
        if let template {
            let document: JSONValue = [
                "Images": Self.document(images), "Containers": Self.document(containers),
                "Volumes": Self.document(volumes), "BuildCache": Self.document(cache),
                "Store": Self.document(parts),
            ]
            session.output.print(try template.render(TemplateValue(document)))
            return .success
        }
        let cacheSize = HumanSize.decimal(usage.images.cache.size, digits: 4)
        session.output.write("Images space usage:\n\n" + (try Self.table(Self.imageColumns, images)))
        session.output.write("\nContainers space usage:\n\n" + (try Self.table(Self.containerColumns, containers)))
        session.output.write("\nLocal Volumes space usage:\n\n" + (try Self.table(Self.volumeColumns, volumes)))
        session.output.write("\nBuild cache usage: \(cacheSize)\n\n" + (try Self.table(Self.cacheColumns, cache)))
        let whole = HumanSize.decimal(store.allocated, digits: 4)
        session.output.write("\nStore usage on disk: \(whole)\n\n" + (try Self.table(Self.storeColumns, parts)))
        return .success
    }

    // MARK: - Tables

    private typealias Columns = [(field: String, title: String)]

    private static let imageColumns: Columns = [
        ("Repository", "REPOSITORY"), ("Tag", "TAG"), ("ID", "IMAGE ID"), ("CreatedSince", "CREATED"), ("Size", "SIZE"),
        ("SharedSize", "SHARED SIZE"), ("UniqueSize", "UNIQUE SIZE"), ("Containers", "CONTAINERS"),
    ]
    private static let containerColumns: Columns = [
        ("ID", "CONTAINER ID"), ("Image", "IMAGE"), ("Command", "COMMAND"), ("LocalVolumes", "LOCAL VOLUMES"),
        ("Size", "SIZE"), ("RunningFor", "CREATED"), ("Status", "STATUS"), ("Names", "NAMES"),
    ]
    private static let volumeColumns: Columns = [("Name", "VOLUME NAME"), ("Links", "LINKS"), ("Size", "SIZE")]
    private static let cacheColumns: Columns = [
        ("ID", "CACHE ID"), ("CacheType", "CACHE TYPE"), ("Size", "SIZE"), ("CreatedSince", "CREATED"),
        ("LastUsedSince", "LAST USED"), ("UsageCount", "USAGE"), ("Shared", "SHARED"),
    ]
    private static let storeColumns: Columns = [("Name", "PART"), ("Size", "SIZE")]

    private static func table(_ columns: Columns, _ rows: [[String: String]]) throws -> String {
        let template = "table " + columns.map { "{{.\($0.field)}}" }.joined(separator: "\t")
        let headers = Dictionary(uniqueKeysWithValues: columns.map { ($0.field, $0.title) })
        return try Listing(nil, standard: template, headers).text(
            rows.map { TemplateRow(typeName: "*formatter.diskUsageContext", fields: $0) }
        )
    }

    private static func document(_ rows: [[String: String]]) -> JSONValue {
        .array(rows.map { .object(JSONObject($0)) })
    }

    // MARK: - Rows

    private static func images(_ usage: SystemUsage, now: Timestamp) -> [[String: String]] {
        // Once each, by its first name, so that the sizes can be added.
        usage.images.images.compactMap { image in
            ImageRow.rows(of: image.summary, isWhole: false, now: now).first?.fields.merging([
                "Size": HumanSize.decimal(image.summary.size, digits: 4),
                "SharedSize": HumanSize.decimal(image.sharedSize, digits: 4),
                "UniqueSize": HumanSize.decimal(image.uniqueSize, digits: 4),
                "Containers": String(image.containers),
            ]) { $1 }
        }
    }

    private static func container(_ usage: SystemUsage.ContainerUsage, now: Timestamp) -> [String: String] {
        ContainerRow.row(of: usage.summary, isWhole: false, now: now).fields
            .merging(["Size": HumanSize.decimal(usage.size)]) { $1 }
    }

    private static func volume(_ usage: VolumeUsage) -> [String: String] {
        ["Name": usage.name, "Links": String(usage.links), "Size": HumanSize.decimal(usage.size, digits: 4)]
    }

    private static func part(_ part: StoreUsage.Part) -> [String: String] {
        ["Name": part.name, "Size": HumanSize.decimal(part.allocated, digits: 4), "Bytes": String(part.allocated)]
    }

    private static func cache(_ record: CacheRecord, now: Timestamp) -> [String: String] {
        [
            "ID": String(record.id.prefix(12)), "CacheType": record.kind.rawValue,
            "Size": HumanSize.decimal(record.size),
            "CreatedSince": GoTime.ago(Timestamp(epochNanoseconds: record.createdAt), now: now),
            "LastUsedSince": GoTime.ago(Timestamp(epochNanoseconds: record.usedAt), now: now),
            "UsageCount": record.uses.map(String.init) ?? "", "Shared": String(record.isShared),
            "InUse": String(record.isInUse), "Description": record.description,
        ]
    }
}
