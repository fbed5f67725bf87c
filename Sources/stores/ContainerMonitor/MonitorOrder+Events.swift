import EventStorage
package import LinuxSystem
internal import SystemPackage

extension MonitorOrder {
    /// Where `rename` leaves a container's new name.
    package static let nameFile: PathBytes = "name"

    /// Writes down that something happened to the container.
    func tell(_ action: String, _ more: [String: String] = [:]) {
        guard let journal else { return }
        var attributes = eventAttributes.merging(more) { _, new in new }
        if let name = Self.name(in: FilePath(folder)) { attributes["name"] = name }
        journal.append(EventRecord(.container, action, id, attributes, time: WallClock.now()))
    }

    /// The name that `rename` gave to the container of this folder; nil where it has its first one.
    static func name(in folder: FilePath) -> String? {
        guard let bytes = try? Directory.open(folder).document(nameFile, limit: 1_024) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes down how it ended.
    func tell(_ end: ExitRecord) {
        if end.outOfMemory { tell("oom") }
        tell("die", ["exitCode": "\(end.code)"])
        for volume in volumes {
            let attributes = ["container": id, "driver": "local"]
            journal?.append(EventRecord(.volume, "unmount", volume, attributes, time: WallClock.now()))
        }
    }
}
