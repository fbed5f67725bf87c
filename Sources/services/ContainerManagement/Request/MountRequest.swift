/// One mount that a user asks for: by `-v`, `--mount` or `--tmpfs`.
package struct MountRequest: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable, Hashable {
        /// A folder or file of the host.
        case bind
        /// A volume: named, or anonymous where there is no source.
        case volume
        case tmpfs
    }

    /// What is mounted below a bind, where it isn't just as read-only as the bind itself.
    package enum Submounts: String, Codable, Sendable, Hashable {
        /// It stays as writable as it is.
        case writable
        /// It is read-only, or the container doesn't start: as it is without a word.
        case readOnly = "readonly"
    }

    package var kind: Kind
    /// A bind's host path, a volume's name; nil for an anonymous volume and for a tmpfs.
    package var source: String?
    /// Absolute, in the container.
    package var target: String
    package var readOnly = false
    /// `rprivate`, `rshared`, `rslave`, `private`, `shared`, `slave`; nil is `rprivate`.
    package var propagation: String?
    /// Whether only the mount itself is bound, not what is mounted below it (`bind-nonrecursive`).
    package var isNonRecursive = false
    /// Of a read-only bind (`bind-recursive=writable`, `readonly`).
    package var submounts: Submounts?
    /// What of a volume is mounted, by its path in it (`volume-subpath`); nil for all of it.
    package var subpath: String?
    /// A volume starts empty instead of with the image's content (`nocopy`).
    package var withoutCopy = false
    /// Labels of a volume that is made for this mount.
    package var volumeLabels: [String: String] = [:]
    /// What such a volume is, where it isn't a folder of the store; nil as none.
    package var volumeOptions: [String: String]?
    /// The options of a tmpfs, as mount(8) writes them (`size=1m`, `exec`).
    package var tmpfsOptions: [String] = []
    /// A missing host path of a bind is made as a folder, as `-v` does; `--mount` says that it isn't there,
    /// unless `bind-create-src` asks for it.
    package var makesSource = false
    /// The mode as `-v` had it (`ro,z`), for `inspect`.
    package var mode: String = ""
    /// Whether it was written as `-v` or `--tmpfs` (`HostConfig.Binds`, `.Tmpfs`) rather than `--mount`.
    package var isShort = false

    package init(kind: Kind, source: String? = nil, target: String, readOnly: Bool = false) {
        self.kind = kind
        self.source = source
        self.target = target
        self.readOnly = readOnly
    }
}
