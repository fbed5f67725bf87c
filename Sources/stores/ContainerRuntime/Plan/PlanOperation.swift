package import LinuxSystem

/// One step of entering a container; the launch shim has one function for each.
package enum PlanOperation: Sendable, Hashable {
    /// An option of a new file system: a key, and a value where it takes one.
    package struct MountOption: Sendable, Hashable {
        package var key: String
        package var value: String?
    }

    /// How something is attached.
    package struct Attachment: OptionSet, Sendable, Hashable {
        package var rawValue: UInt64

        package init(rawValue: UInt64) { self.rawValue = rawValue }

        /// Make a file, not a directory, where nothing is.
        package static let file = Attachment(rawValue: 1)
        /// Refuse a path with symbolic links.
        package static let noLinks = Attachment(rawValue: 2)
        /// Allow a target on a proc file system.
        package static let onProc = Attachment(rawValue: 4)
        /// Give the mounted directory the mode of the one that it covers.
        package static let keepMode = Attachment(rawValue: 8)
        /// Fill the mounted directory with what is in the one that it covers.
        package static let copyUp = Attachment(rawValue: 16)
    }

    /// A device node or FIFO.
    package struct Node: Sendable, Hashable {
        /// Type and permission bits.
        package var mode: UInt32
        package var major: UInt32
        package var minor: UInt32
        package var uid: UInt32
        package var gid: UInt32
    }

    /// Where a plan waits until the parent says that it may go on.
    package enum Pause: String, Sendable, Hashable {
        /// The mounts are made, and the root isn't entered yet: the time of most hooks.
        case mounted
        /// All is done but the execution.
        case ready
    }

    case makePrivate
    case stageRoot(PlanSlot, at: String)
    case mount(PlanSlot, type: String, attributes: MountAttributes, options: [MountOption])
    case attach(PlanSlot, at: PlanSlot, path: String, Attachment)
    case setAttributes(
        PlanSlot,
        set: MountAttributes,
        clear: MountAttributes,
        propagation: MountPropagation,
        recursive: Bool
    )
    case enterRoot(PlanSlot)
    case directory(at: PlanSlot, path: String, mode: UInt32)
    case symbolicLink(at: PlanSlot, path: String, target: String)
    case node(at: PlanSlot, path: String, Node)
    case open(PlanSlot, at: PlanSlot, path: String)
    case write(at: PlanSlot, path: String, value: String)
    case joinGroup(PlanSlot)
    case unshare([NamespaceKind])
    case joinNamespace(PlanSlot, NamespaceKind)
    case hostName(String)
    case domainName(String)
    case loopbackUp
    case sessionKeyring(String)
    case mask(at: PlanSlot, path: String, directory: PlanSlot, null: PlanSlot)
    case readOnly(at: PlanSlot, path: String)
    case resourceLimit(name: String, resource: UInt64, soft: UInt64, hard: UInt64)
    case fileModeMask(UInt32)
    case newSession
    case openTerminal(terminals: PlanSlot, devices: PlanSlot, rows: UInt16, columns: UInt16)
    case nullStreams(at: PlanSlot, path: String)
    case ownStreams(uid: UInt32)
    case changeDirectory(at: PlanSlot, path: String)
    case boundingSet(CapabilitySet)
    case identity(uid: UInt32, gid: UInt32, groups: [UInt32])
    case capabilities(
        effective: CapabilitySet,
        permitted: CapabilitySet,
        inheritable: CapabilitySet,
        ambient: CapabilitySet
    )
    case noNewPrivileges
    case seccomp(flags: UInt64, program: [UInt8])
    case deathSignal(CInt)
    case stayAsInit(name: String)
    case execute(candidates: [String], arguments: [String], environment: [String])
    /// Enters the namespaces of a container's first process.
    case joinContainer(PlanSlot, [NamespaceKind])
    /// Goes on in a child, which is in the process namespace that was joined.
    case enterProcesses
    case openRoot(PlanSlot)
    case joinTerminal(root: PlanSlot, rows: UInt16, columns: UInt16)
    case pause(Pause)
    /// The words are what the container says of a failed execution, by errno.
    case awaitStart(PlanSlot, words: [String?])
    case look(candidates: [String])
    /// Keeps so many resources from a slot on as descriptors 3 and on, and closes all others at the execution.
    case seal(first: UInt64, count: UInt64)
    case personality(UInt64)
    case ioPriority(UInt64)
    case scheduler(SchedulerSetting)
}

extension PlanOperation: CustomStringConvertible {
    /// One line; what a reviewer of a plan reads.
    package var description: String {
        switch self {
        case .makePrivate: "make every mount private"
        case .stageRoot(let slot, let path): "mount \(slot) at \(path)"
        case .mount(let slot, let type, let attributes, let options):
            "mount \(type) as \(slot) \(attributes.names)"
                + options.map { " \($0.key)" + ($0.value.map { "=\($0)" } ?? "") }.joined()
        case .attach(let slot, let directory, let path, let how):
            "attach \(slot) at \(directory) \(path)\(how.names)"
        case .setAttributes(let slot, let set, let clear, let propagation, let recursive):
            "change \(slot) set \(set.isEmpty ? "-" : set.names) clear \(clear.isEmpty ? "-" : clear.names)"
                + (propagation == .unchanged ? "" : " \(propagation)") + (recursive ? " recursively" : "")
        case .enterRoot(let slot): "enter \(slot) as /"
        case .directory(let directory, let path, let mode): "directory \(directory) \(path) \(octal(mode))"
        case .symbolicLink(let directory, let path, let target): "link \(directory) \(path) -> \(target)"
        case .node(let directory, let path, let node):
            "node \(directory) \(path) \(octal(node.mode)) \(node.major):\(node.minor) \(node.uid):\(node.gid)"
        case .open(let slot, let directory, let path): "open \(directory) \(path) as \(slot)"
        case .write(let directory, let path, let value): "write \(directory) \(path) \"\(value)\""
        case .joinGroup(let slot): "join \(slot)"
        case .unshare(let kinds): "unshare " + kinds.map { "\($0)" }.joined(separator: " ")
        case .joinNamespace(let slot, let kind): "join \(kind) namespace \(slot)"
        case .hostName(let name): "host name \(name)"
        case .domainName(let name): "domain name \(name)"
        case .loopbackUp: "loopback up"
        case .sessionKeyring(let name): "session keyring \(name)"
        case .mask(let directory, let path, _, _): "mask \(directory) \(path)"
        case .readOnly(let directory, let path): "read-only \(directory) \(path)"
        case .joinContainer(let slot, let kinds):
            "join \(slot) in " + kinds.map { "\($0)" }.joined(separator: " ")
        case .enterProcesses: "go on in a child"
        case .openRoot(let slot): "open / as \(slot)"
        case .joinTerminal(_, let rows, let columns): "open terminal \(rows)x\(columns) of /dev/pts"
        default: processDescription
        }
    }

    private var processDescription: String {
        switch self {
        case .resourceLimit(let name, _, let soft, let hard): "limit \(name) \(soft):\(hard)"
        case .fileModeMask(let mask): "umask \(octal(mask))"
        case .newSession: "new session"
        case .openTerminal(_, _, let rows, let columns): "open terminal \(rows)x\(columns)"
        case .nullStreams(let directory, let path): "streams on /dev/null become \(directory) \(path)"
        case .ownStreams(let uid): "streams belong to \(uid)"
        case .changeDirectory(let directory, let path): "change to \(directory) \(path)"
        case .boundingSet(let set): "bounding set \(set)"
        case .identity(let uid, let gid, let groups):
            "become \(uid):\(gid) groups " + groups.map { "\($0)" }.joined(separator: ",")
        case .capabilities(let effective, let permitted, let inheritable, let ambient):
            "capabilities effective \(effective) permitted \(permitted) inheritable \(inheritable) ambient \(ambient)"
        case .noNewPrivileges: "no new privileges"
        case .pause(let reason): "wait for the parent (\(reason.rawValue))"
        case .awaitStart(let slot, _): "wait for somebody who connects to \(slot)"
        case .look(let candidates): "look for \(candidates)"
        case .seal(_, let count): "keep \(count) descriptors"
        case .personality(let number): "personality \(number)"
        case .ioPriority(let value): "input and output priority \(value)"
        case .scheduler(let setting): "scheduler \(setting)"
        case .seccomp(let flags, let program): "seccomp flags \(flags), \(program.count / 8) instructions"
        case .deathSignal(let signal): "signal \(signal) when the parent ends"
        case .stayAsInit(let name): "stay as process 1 (\(name)), go on in a child"
        case .execute(let candidates, let arguments, let environment):
            "execute \(candidates) arguments \(arguments) environment \(environment)"
        default: "?"
        }
    }
}

extension PlanOperation.Attachment {
    fileprivate var names: String {
        let known: [(Self, String)] = [
            (.file, "file"), (.noLinks, "no links"), (.onProc, "on proc"), (.keepMode, "keep mode"),
            (.copyUp, "copy up"),
        ]
        let found = known.filter { contains($0.0) }.map(\.1)
        return found.isEmpty ? "" : " [\(found.joined(separator: ", "))]"
    }
}

/// A mode as people write it.
private func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }
