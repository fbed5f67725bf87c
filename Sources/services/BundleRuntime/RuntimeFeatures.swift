internal import ContainerRuntime
package import OCISpec

/// What `features` says: what this runtime can do, as the runtime specification's `features.md` writes it.
package enum RuntimeFeatures {
    private static let mountOptions = [
        "async", "atime", "bind", "defaults", "dev", "diratime", "dirsync", "exec", "idmap", "iversion", "lazytime",
        "loud",
        "mand", "noatime", "nodev", "nodiratime", "noexec", "noiversion", "nolazytime", "nomand", "norelatime",
        "nostrictatime", "nosuid", "nosymfollow", "private", "ratime", "rbind", "rdev", "rdiratime", "relatime",
        "remount",
        "rexec", "ridmap", "rnoatime", "rnodev", "rnodiratime", "rnoexec", "rnorelatime", "rnostrictatime", "rnosuid",
        "rnosymfollow", "ro", "rprivate", "rrelatime", "rro", "rrw", "rshared", "rslave", "rstrictatime", "rsuid",
        "rsymfollow", "runbindable", "rw", "shared", "silent", "slave", "strictatime", "suid", "symfollow", "sync",
        "tmpcopyup", "unbindable",
    ]
    private static let actions = [
        "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
        "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
    ]
    private static let operators = [
        "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE",
    ]
    private static let architectures = [
        "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_X32", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64",
    ]
    private static let hooks = [
        "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
    ]
    private static let namespaces = RuntimeSpec.Namespace.Kind.allCases.map(\.rawValue).sorted()

    /// - Parameter version: this program's.
    package static func value(version: String) -> JSONValue {
        [
            "ociVersionMin": "1.0.0", "ociVersionMax": .string(RuntimeSpec.version),
            "hooks": JSONValue(strings: hooks), "mountOptions": JSONValue(strings: mountOptions),
            "linux": [
                "namespaces": JSONValue(strings: namespaces),
                "capabilities": JSONValue(strings: RuntimeDefaults.allCapabilities),
                "cgroup": ["v1": true, "v2": true, "systemd": true, "systemdUser": true, "rdma": false],
                "seccomp": [
                    "enabled": true, "actions": JSONValue(strings: actions), "operators": JSONValue(strings: operators),
                    "archs": JSONValue(strings: architectures), "knownFlags": JSONValue(strings: SeccompFlag.names),
                    "supportedFlags": JSONValue(strings: SeccompFlag.names),
                ],
                "apparmor": ["enabled": true], "selinux": ["enabled": false], "intelRdt": ["enabled": false],
                "mountExtensions": ["idmap": ["enabled": true]],
            ],
            "annotations": ["org.socle.version": .string(version)],
        ]
    }
}
