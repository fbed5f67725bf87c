internal import CLaunchShim
internal import LinuxSystem

extension PlanOperation {
    /// The shim's operation and its words.
    func encode(into encoder: inout PlanEncoder) {
        switch self {
        case .makePrivate: encoder.append(SHIM_MAKE_PRIVATE, [])
        case .mount(let slot, let type, let attributes, let options):
            let list = options.flatMap { [$0.key, $0.value] }
            encoder.append(SHIM_MOUNT, [.slot(slot), .text(type), .number(attributes.rawValue), .list(list)])
        case .attach(let slot, let directory, let path, let how):
            encoder.append(SHIM_ATTACH, [.slot(slot), .slot(directory), .text(path), .number(how.rawValue)])
        case .setAttributes(let slot, let set, let clear, let propagation, let recursive):
            encoder.append(
                SHIM_SET_ATTRIBUTES,
                [
                    .slot(slot), .number(set.rawValue), .number(clear.rawValue), .number(propagation.rawValue),
                    .number(recursive ? 1 : 0),
                ]
            )
        case .stageRoot(let slot, let path): encoder.append(SHIM_STAGE_ROOT, [.slot(slot), .text(path)])
        case .enterRoot(let slot): encoder.append(SHIM_ENTER_ROOT, [.slot(slot)])
        case .directory(let directory, let path, let mode):
            encoder.append(SHIM_DIRECTORY, [.slot(directory), .text(path), .number(UInt64(mode))])
        case .symbolicLink(let directory, let path, let target):
            encoder.append(SHIM_SYMLINK, [.slot(directory), .text(path), .text(target)])
        case .node(let directory, let path, let node):
            let numbers = [node.mode, node.major, node.minor, node.uid, node.gid]
            encoder.append(SHIM_NODE, [.slot(directory), .text(path)] + numbers.map { .number(UInt64($0)) })
        case .open(let slot, let directory, let path):
            encoder.append(SHIM_OPEN, [.slot(slot), .slot(directory), .text(path)])
        case .write(let directory, let path, let value):
            encoder.append(SHIM_WRITE, [.slot(directory), .text(path), .data(Array(value.utf8))])
        case .mask(let directory, let path, let empty, let null):
            encoder.append(SHIM_MASK, [.slot(directory), .text(path), .slot(empty), .slot(null)])
        case .readOnly(let directory, let path): encoder.append(SHIM_READ_ONLY, [.slot(directory), .text(path)])
        default: encodeNamespaces(into: &encoder)
        }
    }

    private func encodeNamespaces(into encoder: inout PlanEncoder) {
        switch self {
        case .joinGroup(let slot): encoder.append(SHIM_JOIN_GROUP, [.slot(slot)])
        case .unshare(let kinds):
            encoder.append(SHIM_UNSHARE, [.number(kinds.reduce(0) { $0 | $1.flag })])
        case .joinNamespace(let slot, let kind):
            encoder.append(SHIM_JOIN_NAMESPACE, [.slot(slot), .number(kind.flag)])
        case .hostName(let name): encoder.append(SHIM_HOST_NAME, [.text(name)])
        case .domainName(let name): encoder.append(SHIM_DOMAIN_NAME, [.text(name)])
        case .loopbackUp: encoder.append(SHIM_LOOPBACK_UP, [])
        case .joinContainer(let slot, let kinds):
            encoder.append(SHIM_JOIN_NAMESPACE, [.slot(slot), .number(kinds.reduce(0) { $0 | $1.flag })])
        case .enterProcesses: encoder.append(SHIM_ENTER_PROCESSES, [])
        case .openRoot(let slot): encoder.append(SHIM_OPEN_ROOT, [.slot(slot)])
        case .joinTerminal(let root, let rows, let columns):
            encoder.append(SHIM_TERMINAL_JOIN, [.slot(root), .number(UInt64(rows)), .number(UInt64(columns))])
        case .sessionKeyring(let name): encoder.append(SHIM_SESSION_KEYRING, [.text(name)])
        default: encodeProcess(into: &encoder)
        }
    }

    private func encodeProcess(into encoder: inout PlanEncoder) {
        switch self {
        case .resourceLimit(_, let resource, let soft, let hard):
            encoder.append(SHIM_RESOURCE_LIMIT, [.number(resource), .number(soft), .number(hard)])
        case .fileModeMask(let mask): encoder.append(SHIM_FILE_MODE_MASK, [.number(UInt64(mask))])
        case .newSession: encoder.append(SHIM_NEW_SESSION, [])
        case .openTerminal(let terminals, let devices, let rows, let columns):
            encoder.append(
                SHIM_TERMINAL_OPEN,
                [.slot(terminals), .slot(devices), .number(UInt64(rows)), .number(UInt64(columns))]
            )
        case .nullStreams(let directory, let path): encoder.append(SHIM_NULL_STREAMS, [.slot(directory), .text(path)])
        case .ownStreams(let uid): encoder.append(SHIM_OWN_STREAMS, [.number(UInt64(uid))])
        case .changeDirectory(let directory, let path):
            encoder.append(SHIM_CHANGE_DIRECTORY, [.slot(directory), .text(path)])
        case .boundingSet(let set): encoder.append(SHIM_BOUNDING_SET, [.number(set.mask)])
        case .identity(let uid, let gid, let groups):
            let bytes = groups.flatMap { group in withUnsafeBytes(of: group.littleEndian) { Array($0) } }
            encoder.append(SHIM_IDENTITY, [.number(UInt64(uid)), .number(UInt64(gid)), .data(bytes)])
        case .capabilities(let effective, let permitted, let inheritable, let ambient):
            encoder.append(
                SHIM_CAPABILITIES,
                [effective, permitted, inheritable, ambient].map { .number($0.mask) }
            )
        case .pause: encoder.append(SHIM_PAUSE, [])
        case .awaitStart(let slot, let words): encoder.append(SHIM_AWAIT_START, [.slot(slot), .list(words)])
        case .look(let candidates): encoder.append(SHIM_LOOK, [.list(candidates)])
        case .seal(let first, let count): encoder.append(SHIM_SEAL, [.number(first), .number(count)])
        case .personality(let number): encoder.append(SHIM_PERSONALITY, [.number(number)])
        case .ioPriority(let value): encoder.append(SHIM_IO_PRIORITY, [.number(value)])
        case .scheduler(let setting): encoder.append(SHIM_SCHEDULER, [.data(setting.encoded)])
        case .noNewPrivileges: encoder.append(SHIM_NO_NEW_PRIVILEGES, [])
        case .seccomp(let flags, let program): encoder.append(SHIM_SECCOMP, [.number(flags), .data(program)])
        case .deathSignal(let signal): encoder.append(SHIM_DEATH_SIGNAL, [.number(UInt64(signal))])
        case .stayAsInit(let name): encoder.append(SHIM_INIT, [.text(name)])
        case .execute(let candidates, let arguments, let environment):
            encoder.append(SHIM_EXECUTE, [.list(candidates), .list(arguments), .list(environment)])
        default: preconditionFailure("an operation without an encoding")
        }
    }
}
