internal import LinuxSystem
internal import OCISpec
internal import Reporting

extension LaunchPlanner {
    /// The devices that every container has.
    private static let standardDevices: [(path: String, major: UInt32, minor: UInt32)] = [
        ("null", 1, 3), ("random", 1, 8), ("full", 1, 7), ("tty", 5, 0), ("zero", 1, 5), ("urandom", 1, 9),
    ]

    /// What makes terminals is the container's own, whatever the host has there: a link.
    private static let terminalMaker = "ptmx"

    /// Fills the new `/dev` before anybody can see it.
    mutating func planDevices(in slot: PlanSlot) throws(RuntimeError) {
        devices = slot
        nullHolder = (slot, "null")
        planDeviceLinks(in: slot)
        if showsHostDevices { return }
        for device in Self.standardDevices {
            if isMapped {
                planHostDevice(device.path, at: slot)
                continue
            }
            operations.append(
                .node(
                    at: slot,
                    path: device.path,
                    .init(mode: 0o20666, major: device.major, minor: device.minor, uid: 0, gid: 0)
                )
            )
        }
        for device in linux.devices ?? [] {
            let place = try place(of: device)
            let node = try node(device)
            if place == Self.terminalMaker { continue }
            if isMapped {
                planHostDevice(place, at: slot)
            } else {
                operations.append(.node(at: slot, path: place, node))
            }
        }
    }

    /// Whether the host's devices are mounted, once `/dev` is where they are mounted. In a user namespace of the container's own
    /// they are mounted before.
    private var showsHostDevices: Bool { facts.hostDevices != nil && (facts.userSpace != nil || !isMapped) }

    /// Where devices can't be made, the host's are mounted.
    mutating func planHostDevices() throws(RuntimeError) {
        guard showsHostDevices, let places = facts.hostDevices, let devices else { return }
        for device in Self.standardDevices { planHostDevice("/dev/" + device.path, at: device.path, in: devices) }
        for device in linux.devices ?? [] where try place(of: device) != Self.terminalMaker {
            guard let path = places[device.path] else {
                let obstacle =
                    facts.userSpace == nil ? "without CAP_MKNOD, which socle itself lacks" : "in a user namespace"
                throw RuntimeError(
                    .unsupported,
                    "device \"\(device.path)\" can't be made \(obstacle), and the host has none to show"
                )
            }
            planHostDevice(path, at: try place(of: device), in: devices)
        }
    }

    private mutating func planHostDevice(_ path: String, at place: String, in folder: PlanSlot) {
        let slot = resource(.tree(path: path, recursive: false, change: MountChange()), name: path)
        operations.append(.attach(slot, at: folder, path: place, .file))
    }

    /// Below `/dev`.
    private func place(of device: RuntimeSpec.Device) throws(RuntimeError) -> String {
        let path = ContainerPath.cleaned(device.path)
        guard path.hasPrefix("/dev/"), !path.utf8.contains(0) else {
            throw RuntimeError(.unsupported, "device \"\(device.path)\" is not below /dev")
        }
        return String(path.dropFirst(5))
    }

    private mutating func planDeviceLinks(in slot: PlanSlot) {
        var links = [
            ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
            ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"),
        ]
        if facts.hasKernelCore { links.append(("core", "/proc/kcore")) }
        for (path, target) in links { operations.append(.symbolicLink(at: slot, path: path, target: target)) }
    }

    /// Nobody may make devices in a user's namespace: the host's own are shown.
    private mutating func planHostDevice(_ name: String, at slot: PlanSlot) {
        let device = resource(.hostDevice(name), name: "/dev/\(name)")
        operations.append(.attach(device, at: slot, path: name, .file))
    }

    private func node(_ device: RuntimeSpec.Device) throws(RuntimeError) -> PlanOperation.Node {
        let types: [String: UInt32] = ["c": 0o20000, "u": 0o20000, "b": 0o60000, "p": 0o10000]
        guard let type = types[device.type] else {
            throw RuntimeError(.invalidArgument, "device \"\(device.path)\" has an unknown type \"\(device.type)\"")
        }
        guard let major = UInt32(exactly: device.major ?? 0), let minor = UInt32(exactly: device.minor ?? 0),
            major < 1 << 12, minor < 1 << 20
        else { throw RuntimeError(.invalidArgument, "device \"\(device.path)\" has an invalid number") }
        let mode = type | ((device.fileMode ?? 0o666) & 0o7777)
        return .init(mode: mode, major: major, minor: minor, uid: device.uid ?? 0, gid: device.gid ?? 0)
    }

    /// A null device that is certainly one: in the `/dev` just made, or in a file system that only the plan sees.
    mutating func planNull() throws(RuntimeError) {
        let holder: (slot: PlanSlot, path: String)
        if let nullHolder {
            holder = nullHolder
        } else if facts.hostDevices != nil {
            null = resource(.tree(path: "/dev/null", recursive: false, change: MountChange()), name: "null")
            return
        } else {
            let slot = makeSlot("null device")
            operations.append(
                .mount(
                    slot,
                    type: "tmpfs",
                    attributes: [.noSetuid, .noExecute],
                    options: [.init(key: "source", value: "tmpfs"), .init(key: "nr_inodes", value: "2")]
                )
            )
            operations.append(.node(at: slot, path: "null", .init(mode: 0o20666, major: 1, minor: 3, uid: 0, gid: 0)))
            holder = (slot, "null")
            nullHolder = holder
        }
        let slot = makeSlot("null")
        operations.append(.open(slot, at: holder.slot, path: holder.path))
        null = slot
    }

    // MARK: - Streams

    mutating func planStreams() throws(RuntimeError) {
        guard case .terminal(let rows, let columns) = request.io else {
            if let nullHolder { operations.append(.nullStreams(at: nullHolder.slot, path: nullHolder.path)) }
            return
        }
        guard let terminals, let devices else {
            throw RuntimeError(.invalidArgument, "a terminal needs a tmpfs at /dev and a devpts at /dev/pts")
        }
        operations.append(.openTerminal(terminals: terminals, devices: devices, rows: rows, columns: columns))
    }

    // MARK: - Hidden and read-only paths

    mutating func planHiddenPaths() throws(RuntimeError) {
        for path in (linux.maskedPaths ?? []) + (linux.readonlyPaths ?? []) {
            guard path.hasPrefix("/"), !path.utf8.contains(0) else {
                throw RuntimeError(.invalidArgument, "masked or read-only path \"\(path)\" is not absolute")
            }
        }
        for path in linux.readonlyPaths ?? [] { operations.append(.readOnly(at: root, path: path)) }
        guard let masked = linux.maskedPaths, !masked.isEmpty, let null else { return }
        let empty = makeSlot("empty directory")
        operations.append(
            .mount(
                empty,
                type: "tmpfs",
                attributes: .readOnly,
                options: [.init(key: "source", value: "tmpfs"), .init(key: "ro", value: nil)]
            )
        )
        for path in masked { operations.append(.mask(at: root, path: path, directory: empty, null: null)) }
    }
}
