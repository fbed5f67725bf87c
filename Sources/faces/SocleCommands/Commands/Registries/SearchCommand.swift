import RegistryAccess
import Reporting

/// `socle search`.
struct SearchCommand: Command {
    static let usage = Usage("TERM", 1...1, "Search Docker Hub for images")
    static var flags: [Flag<Self>] {
        Flag.list("filter", short: "f", \.filters, as: "filter", "Filter output based on conditions provided")
        Flag.value("format", \.format, "Pretty-print search using a Go template")
        Flag.value("limit", \.limit, as: "int", "Max number of search results")
        Flag.toggle("no-trunc", \.isWhole, "Don't truncate output")
    }
    static let headers = [
        "Name": "NAME", "Description": "DESCRIPTION", "StarCount": "STARS", "IsOfficial": "OFFICIAL",
        "IsAutomated": "AUTOMATED",
    ]
    static let standard = "table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}"
    static var entersUserSpace: Bool { false }
    var operands: [String] = []
    var filters: [Filter] = []
    var format: String?
    var limit = 0
    var isWhole = false

    func run(in session: Session) throws -> ExitCode {
        let filter = try SearchFilter(filters)
        let count = limit == 0 ? 25 : limit
        guard (1...100).contains(count) else {
            throw ArgumentError("limit \(limit) is outside the range of [1, 100]")
        }
        let listing = try Listing(format, standard: Self.standard, Self.headers)
        let query = try ImageSearch.Query(operands[0])
        let found = try ImageSearch(try session.registries()).results(for: query, limit: count)
        let isJSON = format == "json" || format?.contains("{{json .}}") == true
        let rows = found.filter(filter.accepts).map { row($0, isJSON: isJSON) }
        session.output.write(try listing.text(rows))
        return .success
    }

    private func row(_ repository: FoundRepository, isJSON: Bool) -> TemplateRow {
        let description = ShownText.line(repository.description)
        let mark = { (value: Bool) in isJSON ? String(value) : value ? "[OK]" : "" }
        return TemplateRow(
            typeName: "*registry.searchContext",
            fields: [
                "Name": ShownText.line(repository.name),
                "Description": isWhole ? description : Ellipsis.text(description, 45),
                "StarCount": String(repository.stars), "IsOfficial": mark(repository.isOfficial),
                "IsAutomated": mark(repository.isAutomated),
            ]
        )
    }
}

/// The filters of `search`.
struct SearchFilter {
    private var isOfficial: Bool?
    private var isAutomated: Bool?
    private var stars: Int64 = 0

    init(_ filters: [Filter]) throws(ArgumentError) {
        try filters.require(among: ["is-official", "is-automated", "stars"])
        for filter in filters {
            if filter.name == "stars" {
                guard let count = Int64(filter.value) else { throw Self.invalid(filter) }
                stars = max(stars, count)
                continue
            }
            guard let value = ["true": true, "1": true, "false": false, "0": false][filter.value.lowercased()] else {
                throw Self.invalid(filter)
            }
            if filter.name == "is-official" { isOfficial = value } else { isAutomated = value }
        }
    }

    func accepts(_ repository: FoundRepository) -> Bool {
        repository.stars >= stars && isOfficial ?? repository.isOfficial == repository.isOfficial
            && isAutomated ?? repository.isAutomated == repository.isAutomated
    }

    private static func invalid(_ filter: Filter) -> ArgumentError {
        ArgumentError("invalid filter '\(filter.name)=\(filter.value)'")
    }
}
