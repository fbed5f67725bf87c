package import Reporting

/// What a volume is, where it isn't a folder of the store: the options of Docker's `local` driver, which are those of
/// mount(8).
package struct VolumeOptions: Codable, Sendable, Hashable {
    /// `type`, `device` and `o`, as they were given.
    package var given: [String: String]

    /// Options as users give them; nil for none.
    package init?(_ options: [String: String], of volume: String) throws(PlainFailure) {
        if options.isEmpty { return nil }
        for name in options.keys.sorted() where !["type", "device", "o", "size"].contains(name) {
            throw PlainFailure(.invalidArgument, "create \(volume): invalid option: \"\(name)\"")
        }
        if options["size"] != nil {
            throw PlainFailure(.unsupported, "create \(volume): quota size requested but no quota support")
        }
        for name in ["device", "type"] where options[name] == nil {
            throw PlainFailure(.invalidArgument, "create \(volume): missing required option: \"\(name)\"")
        }
        given = options
    }

    var type: String { given["type"] ?? "" }
    var device: String { given["device"] ?? "" }
    /// `o`, one by one.
    var words: [String] { (given["o"] ?? "").split(separator: ",").map(String.init) }

    /// Whether it is a folder of the host's.
    var isBind: Bool { type == "bind" || words.contains { $0 == "bind" || $0 == "rbind" } }
}
