private import CLinuxShims
private import Glibc
private import LinuxSystem
private import SystemPackage

/// What a monitor, which waits for most of its life, does without.
enum OwnMemory {
    /// Lets go of the memory that was allocated and is free.
    static func trim() { linux_trim_heap() }

    /// Lets go of the pages of this program's files that starting took, as far as they are what the files have: what is
    /// needed again comes from the page cache. Other programs that run the same file keep theirs.
    static func giveBack() {
        trim()
        guard let proc = try? Directory.open("/proc/self"),
            let pagemap = try? proc.open("pagemap", flags: O_RDONLY),
            let file = try? proc.open("maps", flags: O_RDONLY),
            let bytes = try? DescriptorIO.readAll(file.raw, limit: 1 << 20)
        else { return }
        let isAlone = (try? Directory.open("/proc/self/task").entries().count) == 1
        let ranges = bytes.split(separator: 0x0a).compactMap { range($0, writableToo: isAlone) }
        // A page that is written to between the look and the letting go would lose what was written.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        for range in ranges { linux_drop_clean_pages(pagemap.raw, range.lowerBound, range.upperBound) }
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    /// The addresses of a line of `maps` that shows a file mapped privately.
    private static func range(_ line: ArraySlice<UInt8>, writableToo: Bool) -> Range<UInt>? {
        let fields = line.split(separator: 0x20, maxSplits: 5)
        guard fields.count == 6, fields[1].last == UInt8(ascii: "p"), fields[5].contains(UInt8(ascii: "/")),
            writableToo || !fields[1].contains(UInt8(ascii: "w"))
        else { return nil }
        let ends = fields[0].split(separator: UInt8(ascii: "-")).map {
            UInt(String(decoding: $0, as: UTF8.self), radix: 16)
        }
        guard ends.count == 2, let start = ends[0], let end = ends[1], end > start else { return nil }
        return start..<end
    }
}
