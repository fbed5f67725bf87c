import EventStorage
package import LinuxSystem
private import SystemPackage

extension MonitorOrder {
    /// Where `rename` leaves a container's new name.
    package static let nameFile: PathBytes = "name"

    /// Writes down that something happened to the container.
    func tell(_ action: String, _ more: [String: String] = [:]) {
        guard let journal else { return }
        var attributes = eventAttributes.merging(more) { _, new in new }
        if let folder = try? Directory.open(FilePath(folder)),
            let name = try? folder.document(Self.nameFile, limit: 1_024)
        {
            attributes["name"] = String(decoding: name, as: UTF8.self)
        }
        journal.append(EventRecord(.container, action, id, attributes, time: WallClock.now()))
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
