import LinuxSystem
import MetadataStorage
import SystemPackage

/// A package that a package manager has put into a file system.
package struct InstalledPackage: Sendable, Hashable {
    /// What a package is called by; of some several versions may be there.
    package struct ID: Sendable, Hashable, Comparable {
        /// `dpkg`, `apk`, `rpm`.
        package var manager: String
        package var name: String
        package var architecture: String

        package static func < (left: ID, right: ID) -> Bool {
            (left.manager, left.name, left.architecture) < (right.manager, right.name, right.architecture)
        }
    }

    var id: ID
    var version: String
}

/// The packages of a file system, as the package managers' databases list them.
struct PackageList {
    private(set) var packages: [InstalledPackage] = []
    private var seen: Set<InstalledPackage> = []
    /// Databases that are there and can't be read.
    private(set) var notes: [String] = []

    /// No honest database is larger.
    private static let limit = 64 << 20

    init(in tree: LayeredTree) throws {
        try addDpkg(tree)
        try addApk(tree)
        addRPM(tree)
    }

    /// What it takes to come from these packages to others.
    func changes(to others: PackageList) -> [ImageDiff.PackageChange] {
        let (before, after) = (versions, others.versions)
        return Set(before.keys).union(after.keys).sorted().compactMap { id in
            before[id] == after[id] ? nil : ImageDiff.PackageChange(id: id, before: before[id], after: after[id])
        }
    }

    private var versions: [InstalledPackage.ID: String] {
        Dictionary(grouping: packages, by: \.id).mapValues { $0.map(\.version).sorted().joined(separator: ", ") }
    }

    // MARK: - Databases

    /// Debian's, and the folder that images without dpkg itself have instead.
    private mutating func addDpkg(_ tree: LayeredTree) throws {
        for path in try ["var/lib/dpkg/status"] + Self.files(in: "var/lib/dpkg/status.d", of: tree) {
            for fields in try paragraphs(path, tree, separator: ": ") {
                if let status = fields["Status"], !status.hasSuffix(" installed") { continue }
                add("dpkg", fields["Package"], fields["Version"], fields["Architecture"])
            }
        }
    }

    private mutating func addApk(_ tree: LayeredTree) throws {
        for path in ["lib/apk/db/installed", "usr/lib/apk/db/installed"] {
            for fields in try paragraphs(path, tree, separator: ":") {
                add("apk", fields["P"], fields["V"], fields["A"])
            }
        }
    }

    /// rpm's database of today is SQLite's; the older ones are made for its own library, and only named.
    private mutating func addRPM(_ tree: LayeredTree) {
        for folder in ["var/lib/rpm", "usr/lib/sysimage/rpm"] {
            for name in ["rpmdb.sqlite", "Packages.db", "Packages"] {
                let path = "\(folder)/\(name)"
                guard let status = try? tree.status(PathBytes(path)), status.kind == .file else { continue }
                if name != "rpmdb.sqlite" {
                    notes.append("/\(path): packages in this form of rpm's database are not compared")
                } else if let reason = addRPM(path, tree) {
                    notes.append("/\(path): \(reason)")
                }
            }
        }
    }

    /// Why a database couldn't be read; nil where it could.
    private mutating func addRPM(_ path: String, _ tree: LayeredTree) -> String? {
        do {
            guard let file = try tree.open(PathBytes(path)) else { return nil }
            let found = try ForeignDatabase(file).blobs("blob", of: "Packages", limit: Self.limit * 4)
            guard let found else { return "it has no table of packages" }
            for header in found.compactMap(RPMHeader.init) where header.name != "gpg-pubkey" {
                add("rpm", header.name, header.version, header.architecture)
            }
            return nil
        } catch { return "\(error)" }
    }

    private mutating func add(_ manager: String, _ name: String?, _ version: String?, _ architecture: String?) {
        guard let name, let version, !name.isEmpty else { return }
        let id = InstalledPackage.ID(manager: manager, name: name, architecture: architecture ?? "")
        let package = InstalledPackage(id: id, version: version)
        // Two places of a database may be one, through a link.
        if seen.insert(package).inserted { packages.append(package) }
    }

    private static func files(in folder: String, of tree: LayeredTree) throws -> [String] {
        guard (try? tree.isDirectory(PathBytes(folder))) == true else { return [] }
        return try tree.names(PathBytes(folder)).map(\.description).filter { !$0.hasSuffix(".md5sums") }
            .map { "\(folder)/\($0)" }
    }

    /// The one-line fields of each paragraph of a file; none where it isn't there.
    private mutating func paragraphs(
        _ path: String,
        _ tree: LayeredTree,
        separator: String
    ) throws -> [[String: String]] {
        let bytes: [UInt8]
        do throws(SystemError) {
            guard let found = try tree.readFile(PathBytes(path), limit: Self.limit) else { return [] }
            bytes = found
        } catch {
            // A link that leads nowhere, a directory, a file that is too large: the image's own business.
            if error.errno != .notDirectory { notes.append("/\(path): \(error.description)") }
            return []
        }
        return Self.paragraphs(bytes, separator: Array(separator.utf8))
    }

    static func paragraphs(_ bytes: [UInt8], separator: [UInt8]) -> [[String: String]] {
        var all: [[String: String]] = []
        var fields: [String: String] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.isEmpty {
                if !fields.isEmpty { all.append(fields) }
                fields = [:]
                continue
            }
            // What goes on over several lines isn't wanted.
            guard line.first != UInt8(ascii: " "), let colon = line.firstIndex(of: UInt8(ascii: ":")),
                line[colon...].starts(with: separator)
            else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self)
            fields[name] = String(decoding: line[(colon + separator.count)...], as: UTF8.self)
        }
        if !fields.isEmpty { all.append(fields) }
        return all
    }
}
