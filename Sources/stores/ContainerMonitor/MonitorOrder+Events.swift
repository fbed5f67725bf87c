import EventStorage
package import LinuxSystem
internal import SystemPackage

extension MonitorOrder {
    /// Where `rename` leaves a container's new name.
    package static let nameFile: PathBytes = "name"

    /// Writes down that something happened to the container.
    func tell(_ action: String, _ more: [String: String] = [:]) {
        journal?.tell(action, of: id, eventAttributes.merging(more) { _, new in new }, in: FilePath(folder))
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

extension EventJournal {
    /// Writes down that something happened to a container, under the name that `rename` has given it, if any.
    func tell(_ action: String, of container: String, _ attributes: [String: String], in folder: FilePath) {
        var attributes = attributes
        if let name = try? Directory.open(folder).document(MonitorOrder.nameFile, limit: 1_024) {
            attributes["name"] = String(decoding: name, as: UTF8.self)
        }
        append(EventRecord(.container, action, container, attributes, time: WallClock.now()))
    }
}
