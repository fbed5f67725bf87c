import ContainerMonitor
package import EventStorage
import OCISpec
import SystemPackage

extension Containers {
    /// The journal of the store.
    package var journal: EventJournal { EventJournal(folder: root.appending("events")) }

    /// Writes down that something happened.
    package func tell(_ kind: EventRecord.Kind, _ action: String, _ id: String, _ attributes: [String: String] = [:]) {
        journal.append(EventRecord(kind, action, id, attributes, time: WallClock.now()))
    }

    /// Writes down that something happened to a container.
    func tell(_ action: String, _ container: Container, _ more: [String: String] = [:]) {
        var attributes = Self.eventAttributes(container.document.config, name: container.name)
        attributes.merge(more) { _, new in new }
        tell(.container, action, container.id, attributes)
    }

    /// Writes down that something was done with a container.
    package func tell(_ action: String, of name: String, _ more: [String: String] = [:]) {
        if let container = try? find(name) { tell(action, container, more) }
    }

    /// What every event of a container says of it.
    static func eventAttributes(_ config: ContainerConfig, name: String) -> [String: String] {
        config.labels.merging(["image": config.image, "name": name]) { _, new in new }
    }

    /// Writes down which volumes a container gets.
    func tellMounts(_ id: String, _ points: [MountPoint]) {
        for point in points where point.kind == .volume {
            guard let name = point.name else { continue }
            let attributes = [
                "container": id, "driver": "local", "destination": point.destination,
                "propagation": point.propagation, "read/write": "\(!point.readOnly)",
            ]
            tell(.volume, "mount", name, attributes)
        }
    }
}
