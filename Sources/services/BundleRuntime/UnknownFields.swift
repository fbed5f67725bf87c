internal import ContainerRuntime
internal import OCISpec
internal import Reporting

/// What the runtime specification knows and this runtime doesn't is refused, never left out. Members that nobody knows are
/// left out, as the specification wants it.
enum UnknownFields {
    private static let ofDocument: [[String]] = [
        ["vm"], ["solaris"], ["windows"], ["zos"], ["freebsd"], ["linux", "intelRdt"], ["linux", "netDevices"],
        ["linux", "memoryPolicy"],
    ]
    private static let ofProcess: [[String]] = [["execCPUAffinity"], ["commandLine"], ["user", "username"]]
    private static let ofResources: [[String]] = [["rdma"], ["network", "priorities"], ["network", "classID"]]

    static func check(_ document: JSONValue) throws(RuntimeError) {
        try check(document, ofDocument, below: "")
        if let process = document["process"] { try check(process: process) }
        if let resources = document["linux"]?["resources"] { try check(resources: resources) }
    }

    static func check(process: JSONValue) throws(RuntimeError) { try check(process, ofProcess, below: "process.") }

    static func check(resources: JSONValue) throws(RuntimeError) {
        try check(resources, ofResources, below: "linux.resources.")
    }

    private static func check(_ value: JSONValue, _ paths: [[String]], below place: String) throws(RuntimeError) {
        for path in paths {
            guard let found = path.reduce(Optional(value), { $0?[$1] }), !isEmpty(found) else { continue }
            throw RuntimeError(.unsupported, "\(place)\(path.joined(separator: ".")) is not supported")
        }
    }

    private static func isEmpty(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .string(""), .integer(0): true
        case .array(let elements): elements.isEmpty
        case .object(let object): object.isEmpty
        default: false
        }
    }
}
