import BuildOperations
import LinuxSystem
import OCISpec
import SocleEngine

/// `socle builder prune`.
struct PruneCacheCommand: Command {
    static let usage = Usage("", 0...0, "Remove build cache")
    static var flags: [Flag<Self>] {
        Flag.toggle("all", short: "a", \.takesAll, "Remove all unused build cache, not just what no image has")
        Flag.refused("builder")
        Flag.list("filter", \.filters, as: "filter", "Provide filter values (e.g., \"until=24h\")")
        Flag.toggle("force", short: "f", \.isForced, "Do not prompt for confirmation")
        Flag.value("keep-storage", \.kept, as: "bytes", "Amount of disk space to keep for cache")
        Flag.value("max-used-space", \.maximum, as: "bytes", "Maximum amount of disk space allowed to keep for cache")
        Flag.refused("min-free-space")
        Flag.value("reserved-space", \.reserved, as: "bytes", "Amount of disk space always allowed to keep for cache")
        Flag.toggle("verbose", \.isVerbose, "Provide a more verbose output")
    }
    var operands: [String] = []
    var takesAll = false
    var filters: [CacheFilterArgument] = []
    var isForced = false
    var kept: ByteSize?
    var maximum: ByteSize?
    var reserved: ByteSize?
    var isVerbose = false

    func run(in session: Session) throws -> ExitCode {
        let what = takesAll ? "all build cache" : "all dangling build cache"
        let question = "WARNING! This will remove \(what). Are you sure you want to continue? [y/N] "
        guard isForced || Confirmation.ask(question, session.output) else { return .success }
        let engine = try session.engine()
        let cache = engine.buildCache
        let now = Timestamp.now
        let all = try cache.records()
        var pruning = CachePruning()
        pruning.takesShared = takesAll
        pruning.reservedSpace = (reserved ?? kept)?.bytes
        pruning.maximumSpace = maximum?.bytes
        let gone = try cache.remove(pruning.selection(of: filters.map(\.value).apply(all, now: now), among: all))
        try engine.sweep()
        if isVerbose {
            for record in gone { session.output.write(CacheRow.details(record, now: now)) }
        } else if !gone.isEmpty {
            let listing = try Listing(nil, standard: CacheRow.standard, CacheRow.headers)
            session.output.write(try listing.text(gone.map { CacheRow.row($0, now: now) }))
        }
        let left = Set(try cache.records().compactMap(\.storage))
        let freed = CacheUsage(gone.filter { record in record.storage.map { !left.contains($0) } ?? true })
        session.output.print("Total:\t\(HumanSize.decimal(freed.reclaimable))")
        return .success
    }
}

/// Asks the user before something is lost.
enum Confirmation {
    /// Whether the answer is y; the end of the input is a no.
    static func ask(_ question: String, _ output: Output) -> Bool {
        output.write(question)
        var answer: [UInt8] = []
        var byte: [UInt8] = [0]
        while answer.count < 1024, (try? DescriptorIO.read(0, into: &byte)) == 1, byte[0] != UInt8(ascii: "\n") {
            answer.append(byte[0])
        }
        let blanks = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]
        let word = answer.filter { !blanks.contains($0) }
        return word == [UInt8(ascii: "y")] || word == [UInt8(ascii: "Y")]
    }
}
