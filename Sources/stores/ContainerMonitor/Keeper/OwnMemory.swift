private import Glibc
private import LinuxSystem
private import SystemPackage

/// What a monitor, which waits for most of its life, does without.
enum OwnMemory {
    /// Lets go of the pages of code that starting took: what is needed again comes from the page cache. Other programs
    /// that run the same file keep theirs.
    static func giveTextBack() {
        guard let proc = try? Directory.open("/proc/self"),
            let file = try? proc.open("maps", flags: O_RDONLY),
            let bytes = try? DescriptorIO.readAll(file.raw, limit: 1 << 20)
        else { return }
        for line in bytes.split(separator: 0x0a) {
            let fields = line.split(separator: 0x20, maxSplits: 5)
            // Only what is never written: a page with changes would lose them.
            guard fields.count == 6, fields[1].elementsEqual("r-xp".utf8) else { continue }
            let ends = fields[0].split(separator: UInt8(ascii: "-")).map {
                UInt(String(decoding: $0, as: UTF8.self), radix: 16)
            }
            guard ends.count == 2, let start = ends[0], let end = ends[1], end > start else { continue }
            _ = madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), 4 /* MADV_DONTNEED */)
        }
    }
}
