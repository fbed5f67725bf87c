import ContainerManagement
import OCISpec

/// The columns of `ps`.
enum ContainerRow {
    static let headers = [
        "ID": "CONTAINER ID", "Image": "IMAGE", "Command": "COMMAND", "RunningFor": "CREATED",
        "CreatedAt": "CREATED AT",
        "Status": "STATUS", "State": "STATE", "Ports": "PORTS", "Names": "NAMES", "Labels": "LABELS",
        "Mounts": "MOUNTS",
        "Networks": "NETWORKS", "LocalVolumes": "LOCAL VOLUMES", "Size": "SIZE",
    ]

    static func row(of container: ContainerSummary, isWhole: Bool, now: Timestamp) -> TemplateRow {
        let created = Timestamp(epochNanoseconds: container.createdAt)
        let command = isWhole ? container.command : Ellipsis.text(container.command, 20)
        let mounts = container.mounts.map { mount in
            let name = mount.name ?? mount.source
            return isWhole ? name : Ellipsis.text(name, 15)
        }
        return TemplateRow(
            typeName: "*formatter.ContainerContext",
            fields: [
                "ID": isWhole ? container.id : String(container.id.prefix(12)), "Image": container.imageName,
                "Command": GoText.quoted(command), "RunningFor": GoTime.ago(created, now: now),
                "CreatedAt": GoTime.text(created), "Status": container.status(now: now.epochNanoseconds),
                "State": container.state.word,
                "Ports": PortText.list(container.ports), "Names": container.name,
                "Labels": container.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(
                    separator: ","
                ),
                "Mounts": mounts.joined(separator: ","), "Networks": container.networks.joined(separator: ","),
                "LocalVolumes": String(container.mounts.count { $0.kind == .volume }), "Size": "0B",
            ],
            labels: container.labels
        )
    }
}

/// The filters of `ps`.
struct ContainerFilters {
    private let filters: [Filter]
    private let all: [ContainerSummary]

    init(_ filters: [Filter], among all: [ContainerSummary]) {
        self.filters = filters
        self.all = all
    }

    private static let states: Set<String> = [
        "created", "restarting", "running", "removing", "paused", "exited", "dead",
    ]

    func apply(_ containers: [ContainerSummary]) throws -> [ContainerSummary] {
        for filter in filters where filter.name == "status" && !Self.states.contains(filter.value) {
            throw ArgumentError("invalid filter 'status=\(filter.value)'")
        }
        for filter in filters where filter.name == "exited" { _ = try Int(argument: filter.value) }
        let before = bound("before")
        let since = bound("since")
        return containers.filter { container in
            filters.accept("id") { container.id.hasPrefix($0) }
                && filters.accept("name") { matches($0, container.name) }
                && filters.accept("status") { $0 == container.state.word }
                && filters.accept("exited") { $0 == exitCode(container).map { String($0) } }
                && filters.accept("ancestor") { isMade(container, from: $0) }
                && filters.accept("volume") { wanted in
                    container.mounts.contains { [$0.name, $0.source, $0.destination].contains(wanted) }
                }
                && filters.accept("network") { container.networks.contains($0) }
                && filters.acceptLabels(container.labels)
                && before.map { container.createdAt < $0 } ?? true && since.map { container.createdAt > $0 } ?? true
        }
    }

    private func bound(_ name: String) -> Int64? {
        filters.last { $0.name == name }.map { filter in
            all.first { $0.name == filter.value || $0.id.hasPrefix(filter.value) }?.createdAt ?? 0
        }
    }

    private func exitCode(_ container: ContainerSummary) -> Int32? {
        if case .exited(let code, _, _, _) = container.state { Int32(code) } else { nil }
    }

    /// A part of the name; `^` and `$` hold it to the name's start and end.
    private func matches(_ pattern: String, _ name: String) -> Bool {
        var text = pattern[...]
        let isStart = text.hasPrefix("^")
        if isStart { text.removeFirst() }
        if text.hasPrefix("/") { text.removeFirst() }
        let isEnd = text.hasSuffix("$")
        if isEnd { text.removeLast() }
        switch (isStart, isEnd) {
        case (true, true): return name == text
        case (true, false): return name.hasPrefix(text)
        case (false, true): return name.hasSuffix(text)
        case (false, false): return text.isEmpty || name.firstRange(of: text) != nil
        }
    }

    private func isMade(_ container: ContainerSummary, from image: String) -> Bool {
        if let named = try? ImageReference(image).withDefaultTag, let own = try? ImageReference(container.imageName) {
            if own.withDefaultTag == named { return true }
        }
        let hex = image.hasPrefix("sha256:") ? image.dropFirst(7) : image[...]
        return !hex.isEmpty && container.image.hex.hasPrefix(hex)
    }
}
