import LinuxSystem

extension DataCheck {
    private static let zonePlaces = [
        "/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo", "/share/zoneinfo",
    ]

    /// W-TZ
    func timeZone() throws -> Finding? {
        if facts.traces.contains(.timeData), facts.go != nil { return nil }
        if let variable = variable("ZONEINFO") ?? variable("TZDIR"), try exists(variable) { return nil }
        if let name = zoneName {
            guard try !Self.zonePlaces.contains(where: { try exists("\($0)/\(name)") }) else { return nil }
            return finding(
                .timeZone,
                "runs with TZ=\(name), and the image doesn't know that zone",
                because: "TZ is set in the image",
                cure,
                Self.zonePlaces.map { PathBytes($0) }
            )
        }
        guard facts.go != nil, facts.traces.contains(.loadLocation), try !Self.zonePlaces.contains(where: exists) else {
            return nil
        }
        return finding(
            .timeZone,
            "asks for time zones by name, and the image has none",
            because: "it calls time.LoadLocation, and isn't built with time/tzdata",
            cure + ["# or build with -tags timetzdata"],
            Self.zonePlaces.map { PathBytes($0) }
        )
    }

    private var cure: [String] {
        PackageTool(in: root).map { [$0.install(["tzdata"])] }
            ?? ["COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo"]
    }

    /// The zone that `TZ` names: not UTC, which everybody knows, and not a rule that says everything itself.
    private var zoneName: String? {
        guard var name = variable("TZ") else { return nil }
        if name.hasPrefix(":") { name.removeFirst() }
        if ["UTC", "UTC0", "Etc/UTC", "GMT", "Z", "Zulu"].contains(name) || name.hasPrefix("/") { return nil }
        return name.contains("/") || !name.contains(where: \.isNumber) && !name.contains(",") ? name : nil
    }
}
