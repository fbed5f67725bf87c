internal import ContainerRuntime
internal import OCISpec
internal import Reporting

/// What the runtime specification knows and this runtime doesn't is refused, never left out.
enum UnknownFields {
    private static let refused: [[String]] = [
        ["vm"], ["solaris"], ["windows"], ["zos"], ["freebsd"], ["linux", "intelRdt"], ["linux", "netDevices"],
        ["linux", "memoryPolicy"], ["linux", "resources", "rdma"], ["process", "execCPUAffinity"],
        ["process", "commandLine"], ["linux", "resources", "network", "priorities"],
    ]

    static func check(_ document: JSONValue) throws(RuntimeError) {
        for path in refused {
            guard let value = value(path, document), !isEmpty(value) else { continue }
            throw RuntimeError(.unsupported, "\(path.joined(separator: ".")) is not supported")
        }
        if case .integer(let number)? = value(["linux", "resources", "network", "classID"], document), number != 0 {
            throw RuntimeError(.unsupported, "linux.resources.network.classID is not supported")
        }
    }

    private static func value(_ path: [String], _ document: JSONValue) -> JSONValue? {
        path.reduce(Optional(document)) { $0?[$1] }
    }

    private static func isEmpty(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .string(""): true
        case .array(let elements): elements.isEmpty
        case .object(let object): object.isEmpty
        default: false
        }
    }
}
