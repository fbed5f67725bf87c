package import OCISpec

/// The `config.json` that `spec` writes: a shell with few rights, runc's sample.
package enum SampleSpecification {
    private static let capabilities: JSONValue = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]

    /// - Parameter isRootless: whether the container's root is the caller, and the network the caller's too.
    package static func value(isRootless: Bool, uid: UInt32, gid: UInt32) -> JSONValue {
        [
            "ociVersion": .string(RuntimeSpec.version), "process": process,
            "root": ["path": "rootfs", "readonly": true], "hostname": "socle",
            "mounts": .array(mounts(isRootless: isRootless)),
            "linux": linux(isRootless: isRootless, uid: uid, gid: gid),
        ]
    }

    private static let process: JSONValue = [
        "terminal": true, "user": ["uid": 0, "gid": 0], "args": ["sh"],
        "env": [.string(RuntimeDefaults.path), "TERM=xterm"], "cwd": "/",
        "capabilities": ["bounding": capabilities, "effective": capabilities, "permitted": capabilities],
        "rlimits": [["type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024]],
        "noNewPrivileges": true,
    ]

    private static func mount(_ destination: String, _ type: String, _ source: String, _ options: [String]) -> JSONValue {
        var mount: JSONObject = [
            "destination": .string(destination), "type": .string(type), "source": .string(source),
        ]
        if !options.isEmpty { mount["options"] = JSONValue(strings: options) }
        return .object(mount)
    }

    private static func mounts(isRootless: Bool) -> [JSONValue] {
        let hidden = ["nosuid", "noexec", "nodev"]
        let terminals = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] + (isRootless ? [] : ["gid=5"])
        return [
            mount("/proc", "proc", "proc", []),
            mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            mount("/dev/pts", "devpts", "devpts", terminals),
            mount("/dev/shm", "tmpfs", "shm", hidden + ["mode=1777", "size=65536k"]),
            mount("/dev/mqueue", "mqueue", "mqueue", hidden),
            isRootless
                ? mount("/sys", "none", "/sys", ["rbind"] + hidden + ["ro"])
                : mount("/sys", "sysfs", "sysfs", hidden + ["ro"]),
            mount("/sys/fs/cgroup", "cgroup", "cgroup", hidden + ["relatime", "ro"]),
        ]
    }

    private static func linux(isRootless: Bool, uid: UInt32, gid: UInt32) -> JSONValue {
        var linux = JSONObject()
        let kinds = isRootless ? ["pid", "ipc", "uts", "mount", "user"] : ["pid", "network", "ipc", "uts", "mount"]
        if isRootless {
            linux["uidMappings"] = [["containerID": 0, "hostID": .integer(Int64(uid)), "size": 1]]
            linux["gidMappings"] = [["containerID": 0, "hostID": .integer(Int64(gid)), "size": 1]]
        } else {
            linux["resources"] = ["devices": [["allow": false, "access": "rwm"]]]
        }
        linux["namespaces"] = .array(kinds.map { ["type": .string($0)] })
        linux["maskedPaths"] = JSONValue(strings: RuntimeDefaults.maskedPaths)
        linux["readonlyPaths"] = JSONValue(strings: RuntimeDefaults.readonlyPaths)
        return .object(linux)
    }
}
