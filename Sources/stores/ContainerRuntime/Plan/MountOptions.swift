internal import LinuxSystem

/// The `options` of one mount of the specification, sorted by what they are for.
struct MountOptions: Sendable {
    var attributes: MountAttributes = []
    var change = MountChange()
    var isBind = false
    var bindsRecursively = false
    /// Whether a new file system begins with what is at its place in the image.
    var copiesUp = false
    /// Whether the owners of files are to be mapped.
    var mapsOwners = false
    /// Flags of the file system itself, not of the mount.
    var superblock: [PlanOperation.MountOption] = []
    /// What only the file system understands, in order.
    var data: [PlanOperation.MountOption] = []

    /// Options that turn an attribute on, and those that turn it off.
    private static let settings: [String: MountAttributes] = [
        "ro": .readOnly, "nosuid": .noSetuid, "nodev": .noDevices, "noexec": .noExecute, "noatime": .noAccessTime,
        "strictatime": .strictAccessTime, "nodiratime": .noDirectoryAccessTime, "nosymfollow": .noSymbolicLinks,
        "relatime": [],
    ]
    private static let clearings: [String: MountAttributes] = [
        "rw": .readOnly, "suid": .noSetuid, "dev": .noDevices, "exec": .noExecute, "atime": .noAccessTime,
        "nostrictatime": .strictAccessTime, "diratime": .noDirectoryAccessTime, "symfollow": .noSymbolicLinks,
        "norelatime": [],
    ]
    private static let propagations: [String: MountPropagation] = [
        "private": .isolated, "shared": .shared, "slave": .slave, "unbindable": .unbindable,
    ]
    /// The file system's own flags that Linux takes for every type.
    private static let superblockFlags: Set<String> = ["sync", "dirsync", "lazytime", "iversion", "mand", "silent"]
    private static let ignored: Set<String> = [
        "defaults", "async", "nolazytime", "noiversion", "nomand", "loud", "remount",
    ]

    init(_ options: [String]) {
        for option in options { add(option) }
    }

    private mutating func add(_ option: String) {
        switch option {
        case "bind": isBind = true
        case "rbind":
            isBind = true
            bindsRecursively = true
        case "idmap": mapsOwners = true
        case "ridmap":
            mapsOwners = true
            change.mapsOwnersRecursively = true
        case "tmpcopyup": copiesUp = true
        default:
            if Self.ignored.contains(option) || addAttribute(option) || addPropagation(option) { return }
            if Self.superblockFlags.contains(option) {
                superblock.append(.init(key: option, value: nil))
            } else {
                addData(option)
            }
        }
    }

    private mutating func addAttribute(_ option: String) -> Bool {
        if let set = Self.settings[option] {
            select(set)
        } else if let cleared = Self.clearings[option] {
            attributes.subtract(cleared)
            change.set.subtract(cleared)
            change.clear.formUnion(cleared)
        } else if option.hasPrefix("r"), let set = Self.settings[String(option.dropFirst())] {
            change.recursiveSet.formUnion(set)
        } else if option.hasPrefix("r"), let cleared = Self.clearings[String(option.dropFirst())] {
            change.recursiveClear.formUnion(cleared)
        } else {
            return false
        }
        return true
    }

    /// Access times have one setting: the last word about them counts.
    private mutating func select(_ set: MountAttributes) {
        let times: MountAttributes = [.noAccessTime, .strictAccessTime]
        if !set.isDisjoint(with: times) || set.isEmpty {
            attributes.subtract(times)
            change.set.subtract(times)
            change.clear.formUnion(.accessTimeSetting)
        }
        attributes.formUnion(set)
        change.set.formUnion(set)
        if set.isDisjoint(with: times) { change.clear.subtract(set) }
    }

    private mutating func addPropagation(_ option: String) -> Bool {
        if let propagation = Self.propagations[option] {
            change.propagation = propagation
        } else if option.hasPrefix("r"), let propagation = Self.propagations[String(option.dropFirst())] {
            change.propagation = propagation
            change.propagatesRecursively = true
        } else {
            return false
        }
        return true
    }

    private mutating func addData(_ option: String) {
        if let cut = option.firstIndex(of: "=") {
            data.append(.init(key: String(option[..<cut]), value: String(option[option.index(after: cut)...])))
        } else {
            data.append(.init(key: option, value: nil))
        }
    }
}
