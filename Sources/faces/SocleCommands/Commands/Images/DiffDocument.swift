import ImageManagement
import LinuxSystem
import OCISpec

/// A comparison of images for programs.
enum DiffDocument {
    static func value(_ diff: ImageDiff, _ first: Digest, _ second: Digest) -> JSONValue {
        [
            "From": .string(first.description), "To": .string(second.description),
            "Config": .array(
                diff.config.map { change in
                    members(change.change, change.before, change.after, ["Field": .string(change.field)])
                }
            ),
            "Packages": .array(diff.packages.map(package)), "Files": .array(diff.files.map(file)),
        ]
    }

    private static func package(_ change: ImageDiff.PackageChange) -> JSONValue {
        members(
            change.change,
            change.before.map(JSONValue.string),
            change.after.map(JSONValue.string),
            [
                "Manager": .string(change.id.manager), "Name": .string(change.id.name),
                "Architecture": .string(change.id.architecture),
            ]
        )
    }

    private static func file(_ change: ImageDiff.FileChange) -> JSONValue {
        members(
            change.change,
            change.before.map(facts),
            change.after.map(facts),
            ["Path": .string("/\(change.path)")]
        )
    }

    private static func facts(_ facts: ImageDiff.FileFacts) -> JSONValue {
        let mode = String(facts.permissions, radix: 8)
        var object: JSONObject = [
            "Kind": .string(kind(facts.kind)),
            "Mode": .string(String(repeating: "0", count: max(0, 4 - mode.count)) + mode),
            "Uid": .integer(Int64(facts.uid)), "Gid": .integer(Int64(facts.gid)), "Size": .integer(facts.size),
            "Modified": .string(
                Timestamp(epochSeconds: facts.modified.seconds, nanoseconds: facts.modified.nanoseconds).text
            ),
        ]
        if let target = facts.target { object["Target"] = .string(target.description) }
        return .object(object)
    }

    private static func kind(_ kind: FileStatus.Kind) -> String {
        switch kind {
        case .file: "file"
        case .directory: "directory"
        case .symbolicLink: "link"
        case .characterDevice: "character device"
        case .blockDevice: "block device"
        case .fifo: "fifo"
        case .socket: "socket"
        }
    }

    private static func members(
        _ change: ImageDiff.Change,
        _ before: JSONValue?,
        _ after: JSONValue?,
        _ first: JSONObject
    ) -> JSONValue {
        var object: JSONObject = ["Change": .string(change.rawValue)]
        for member in first.members { object[member.key] = member.value }
        if let before { object["Before"] = before }
        if let after { object["After"] = after }
        return .object(object)
    }
}
