internal import LinuxSystem
internal import SystemPackage

/// Small files of the kernel's, by host path.
enum HostFile {
    static func exists(_ path: FilePath) throws(SystemError) -> Bool {
        try Directory.open(path.parent).status(PathBytes(path.lastComponent?.string ?? "")) != nil
    }

    static func text(_ path: String, limit: Int) throws(SystemError) -> String {
        let directory = try Directory.open(FilePath(path).parent)
        let name = FilePath(path).lastComponent?.string ?? ""
        let file = try directory.open(PathBytes(name), flags: 0)
        return String(decoding: try DescriptorIO.readAll(file.raw, limit: limit), as: UTF8.self)
    }
}
