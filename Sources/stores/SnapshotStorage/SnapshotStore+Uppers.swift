internal import LinuxSystem
internal import SystemPackage

extension SnapshotStore {
    /// A writable directory for a build step, removed when the value ends.
    package func prepareUpper() throws(SnapshotError) -> ActiveUpper {
        try about("upper") { () throws(SystemError) in
            let folder = try TemporaryFolder(in: temporary, kind: .upper)
            try folder.directory.makeDirectory("upper", mode: 0o755)
            try folder.directory.makeDirectory("work", mode: 0o700)
            return ActiveUpper(store: self, folder: folder)
        }
    }

    /// A container's writable directory, `containers/<id>/upper` and `work`; what is there stays.
    package func prepareUpper(id: String) throws(SnapshotError) -> UpperDirectory {
        let folder = try containerFolder(id)
        try about(id) { () throws(SystemError) in
            let directory = try Directory.open(folder, create: true)
            _ = try directory.directory("upper", create: true, mode: 0o755)
            _ = try directory.directory("work", create: true, mode: 0o700)
        }
        return UpperDirectory(upper: folder.appending("upper"), work: folder.appending("work"))
    }

    /// The space that a container's own files take; nothing where it has none.
    package func usage(id: String) throws(SnapshotError) -> Usage {
        let folder = try containerFolder(id)
        return try about(id) { () throws(SystemError) in
            guard let directory = try existing(folder) else { return Usage() }
            return try Usage(of: "upper", in: directory)
        }
    }

    /// Removes a container's writable directory; its other files in `containers/<id>` stay, an empty folder doesn't.
    package func removeUpper(id: String) throws(SnapshotError) {
        let folder = try containerFolder(id)
        try about(id) { () throws(SystemError) in
            guard let directory = try existing(folder) else { return }
            try discard("work", of: directory)
            try discard("upper", of: directory)
            do throws(SystemError) { try Directory.open(containers).remove(PathBytes(id), directory: true) } catch
                where error.errno == .directoryNotEmpty || error.errno == .noSuchFileOrDirectory
            {}
        }
    }

    /// An ID becomes a part of a path only if it looks like an ID.
    private func containerFolder(_ id: String) throws(SnapshotError) -> FilePath {
        let isName = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isName, !id.isEmpty, id.utf8.count <= 128 else { throw SnapshotError(.invalidName, id) }
        return containers.appending(id)
    }
}
