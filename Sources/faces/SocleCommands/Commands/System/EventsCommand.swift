import EventStorage
import LinuxSystem
import OCISpec
import SocleEngine

/// `socle events`.
struct EventsCommand: Command {
    static let usage = Usage("", 0...0, "Get real time events from the store")
    static var flags: [Flag<Self>] {
        Flag.list("filter", short: "f", \.filters, as: "filter", "Filter output based on conditions provided")
        Flag.value("format", \.format, "Format output: 'json' or a Go template")
        Flag.value("since", \.since, "Show all events created since timestamp")
        Flag.value("until", \.until, "Stream events until this timestamp")
    }
    var operands: [String] = []
    var filters: [Filter] = []
    var format: String?
    var since: String?
    var until: String?

    func run(in session: Session) throws -> ExitCode {
        let filter = try EventFilter(filters)
        let now = Timestamp.now
        let since = try since.map { text throws(ArgumentError) in try Moment.parse(text, now: now).epochNanoseconds }
        let until = try until.map { text throws(ArgumentError) in try Moment.parse(text, now: now).epochNanoseconds }
        let text: EventText
        do throws(TemplateError) { text = try EventText(format) } catch {
            session.output.complain("Error parsing format: \(error.description)")
            return .template
        }
        let journal = try session.engine().journal
        var reader = try EventReader(journal, fromStart: since != nil || until != nil)
        while true {
            for event in try reader.next() where event.time >= since ?? .min && filter.takes(event) {
                if let until, event.time > until { return .success }
                session.output.print(try text.line(event))
            }
            guard let until else {
                reader.wait(milliseconds: -1)
                continue
            }
            let left = until.subtracting(clamping: Timestamp.now.epochNanoseconds) / 1_000_000
            if left <= 0 { return .success }
            reader.wait(milliseconds: Int32(clamping: left + 1))
        }
    }
}

/// The filters of `events`.
struct EventFilter {
    private let filters: [Filter]

    private static let names: Set<String> = [
        "config", "container", "daemon", "event", "image", "label", "network", "node", "plugin", "scope", "secret",
        "service", "type", "volume",
    ]

    init(_ filters: [Filter]) throws(ArgumentError) {
        try filters.require(among: Self.names)
        self.filters = filters
    }

    func takes(_ event: EventRecord) -> Bool {
        filters.accept("event") { event.action == $0 || event.action.hasPrefix($0 + ":") }
            && filters.accept("type") { $0 == event.kind.rawValue }
            && filters.accept("scope") { $0 == "local" }
            && filters.acceptLabels(event.attributes)
            && [EventRecord.Kind.container, .network, .volume].allSatisfy { kind in
                filters.accept(kind.rawValue) { names(event, kind, $0) }
            }
            && filters.accept("image") { isAbout(event, image: $0) }
            // What socle hasn't happens to nothing.
            && ["config", "daemon", "node", "plugin", "secret", "service"].allSatisfy { name in
                filters.accept(name) { _ in false }
            }
    }

    /// Whether an event is about the object of that name or beginning of an ID.
    private func names(_ event: EventRecord, _ kind: EventRecord.Kind, _ text: String) -> Bool {
        guard event.kind == kind || kind == .container && event.attributes["container"] != nil else { return false }
        if event.kind != kind { return event.attributes["container"]?.hasPrefix(text) ?? false }
        return event.id.hasPrefix(text) || event.attributes["name"]?.hasPrefix(text) ?? false
    }

    private func isAbout(_ event: EventRecord, image: String) -> Bool {
        let name = event.attributes[event.kind == .image ? "name" : "image"] ?? ""
        func bare(_ text: String) -> String {
            guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("/") else { return text }
            return String(text[..<colon])
        }
        return [event.id, name, bare(event.id), bare(name)].contains(image)
    }
}

/// Events as text.
struct EventText {
    private let template: Template?
    private let isJSON: Bool

    init(_ format: String?) throws(TemplateError) {
        let text = format ?? ""
        isJSON = text == "json" || text == "{{json .}}"
        template = text.isEmpty || isJSON ? nil : try Template(text)
        // As Docker does, before anything happens that doesn't fit it.
        _ = try line(EventRecord(.container, "", "", time: 0))
    }

    func line(_ event: EventRecord) throws(TemplateError) -> String {
        if isJSON { return Self.wire(event).serialized() }
        if let template { return try template.render(TemplateValue(Self.fields(event))) }
        let attributes = event.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let tail = attributes.isEmpty ? "" : " (\(attributes.joined(separator: ", ")))"
        // Labels are an image's, and health checks a container's own words.
        return GoText.visibleLine("\(Self.time(event.time)) \(event.kind.rawValue) \(event.action) \(event.id)\(tail)")
    }

    /// With nine digits of a second.
    private static func time(_ nanoseconds: Int64) -> String {
        let whole = Timestamp(epochSeconds: nanoseconds / 1_000_000_000).text.prefix { $0 != "." && $0 != "Z" }
        let digits = String(nanoseconds % 1_000_000_000)
        return "\(whole).\(String(repeating: "0", count: 9 - digits.utf8.count))\(digits)Z"
    }

    private static func actor(_ event: EventRecord) -> JSONValue {
        var attributes = JSONObject()
        for (name, value) in event.attributes.sorted(by: { $0.key < $1.key }) { attributes[name] = .string(value) }
        return ["ID": .string(event.id), "Attributes": .object(attributes)]
    }

    /// As Docker's engine sends it.
    private static func wire(_ event: EventRecord) -> JSONValue {
        var value = JSONObject()
        if event.kind == .container || event.kind == .image {
            value["status"] = .string(event.action)
            value["id"] = .string(event.id)
            if event.kind == .container { value["from"] = .string(event.attributes["image"] ?? "") }
        }
        value["Type"] = .string(event.kind.rawValue)
        value["Action"] = .string(event.action)
        value["Actor"] = actor(event)
        value["scope"] = "local"
        value["time"] = .integer(event.time / 1_000_000_000)
        value["timeNano"] = .integer(event.time)
        return .object(value)
    }

    /// As templates name it.
    private static func fields(_ event: EventRecord) -> JSONValue {
        let hasStatus = event.kind == .container || event.kind == .image
        return [
            "Status": .string(hasStatus ? event.action : ""), "ID": .string(hasStatus ? event.id : ""),
            "From": .string(event.kind == .container ? event.attributes["image"] ?? "" : ""),
            "Type": .string(event.kind.rawValue), "Action": .string(event.action), "Actor": actor(event),
            "Scope": "local", "Time": .integer(event.time / 1_000_000_000), "TimeNano": .integer(event.time),
        ]
    }
}
