package import Reporting

extension MountRequest {
    /// What `-v` says: `target`, `source:target` or `source:target:mode`. A source that is an absolute path is bound (and
    /// made where it is missing), another one names a volume. Relative host paths are the face's to complete.
    package init(volume text: String) throws(PlainFailure) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard !text.isEmpty else { throw PlainFailure(.invalidArgument, "invalid spec: empty section between colons") }
        if parts.contains("") {
            throw PlainFailure(.invalidArgument, "invalid spec: \(text): empty section between colons")
        }
        switch parts.count {
        case 1: self.init(kind: .volume, target: parts[0])
        case 2, 3:
            self.init(kind: parts[0].hasPrefix("/") ? .bind : .volume, source: parts[0], target: parts[1])
            if parts.count == 3 { try takeMode(parts[2], of: text) }
        default: throw PlainFailure(.invalidArgument, "invalid volume specification: '\(text)'")
        }
        makesSource = kind == .bind
        isShort = true
        try check()
    }

    /// What `--tmpfs` says: `target` or `target:options`.
    package init(tmpfs text: String) throws(PlainFailure) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        self.init(kind: .tmpfs, target: parts[0])
        if parts.count == 2 { tmpfsOptions = parts[1].split(separator: ",").map(String.init) }
        isShort = true
        try check()
        _ = try TmpfsOptions.merged(tmpfsOptions)
    }

    /// `ro`/`rw`, a label mode, a propagation, `nocopy`, `consistent`…: one of each sort at most.
    private mutating func takeMode(_ text: String, of specification: String) throws(PlainFailure) {
        mode = text
        var sorts: Set<String> = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            let sort: String
            switch word {
            case "ro", "rw":
                sort = "access"
                readOnly = word == "ro"
            // Nothing is labelled, so there is nothing to relabel.
            case "z", "Z": sort = "label"
            case "private", "rprivate", "shared", "rshared", "slave", "rslave":
                sort = "propagation"
                propagation = word
            case "nocopy":
                sort = "copy"
                withoutCopy = true
            // The host's and the container's view are always one on Linux.
            case "consistent", "cached", "delegated": sort = "consistency"
            default: throw PlainFailure(.invalidArgument, "invalid mode: \(text)")
            }
            guard sorts.insert(sort).inserted else { throw PlainFailure(.invalidArgument, "invalid mode: \(text)") }
        }
        if kind == .bind, withoutCopy { throw PlainFailure(.invalidArgument, "invalid mode: \(text)") }
        if kind == .volume, propagation != nil {
            throw PlainFailure(
                .invalidArgument,
                "invalid volume specification: '\(specification)': invalid mount config for type \"volume\": "
                    + "field BindOptions must not be specified"
            )
        }
    }
}
