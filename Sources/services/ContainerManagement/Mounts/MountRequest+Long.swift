import DockerfileSyntax
package import Reporting

extension MountRequest {
    /// What `--mount` says: comma separated `key=value` pairs; a value in double quotes may hold commas.
    package init(mount text: String) throws(PlainFailure) {
        try self.init(reading: text)
        try check()
    }

    /// The same, if it can be read: whether there can be such a mount is found out when a container is made.
    package init(reading text: String) throws(PlainFailure) {
        var draft = Draft()
        for field in try CommaSeparated.fields(text) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            try draft.take(parts[0].lowercased(), parts.count == 2 ? parts[1] : nil, field: field)
        }
        self = try draft.request()
    }

    /// A `--mount` while its fields come in any order.
    private struct Draft {
        var type: String?
        var source: String?
        var target = ""
        var readOnly = false
        var propagation: String?
        var isNonRecursive = false
        var makesSource = false
        var submounts: Submounts?
        var subpath: String?
        var withoutCopy = false
        var labels: [String: String] = [:]
        var volumeOptions: [String: String] = [:]
        var tmpfsOptions: [String] = []
        var optionsOf: Set<String> = []

        mutating func take(_ key: String, _ value: String?, field: String) throws(PlainFailure) {
            guard let value = value ?? Self.implied(key) else {
                throw PlainFailure(.invalidArgument, "invalid field '\(field)' must be a key=value pair")
            }
            switch key {
            case "type": type = value.lowercased()
            case "source", "src": source = value
            case "target", "dst", "destination": target = value
            case "readonly", "ro": readOnly = try Self.flag(key, value)
            // The host's and the container's view are always one on Linux.
            case "consistency": break
            case "bind-propagation":
                propagation = value.lowercased()
                optionsOf.insert("bind")
            case "bind-nonrecursive":
                isNonRecursive = try Self.flag(key, value)
                optionsOf.insert("bind")
            case "bind-recursive":
                try takeRecursion(value)
                optionsOf.insert("bind")
            default: try takeOption(key, value, field: field)
            }
        }

        private mutating func takeRecursion(_ value: String) throws(PlainFailure) {
            switch value {
            case "enabled": break
            case "disabled": isNonRecursive = true
            case "writable", "readonly": submounts = Submounts(rawValue: value)
            default:
                throw PlainFailure(
                    .invalidArgument,
                    "invalid value for bind-recursive: \(value) (must be \"enabled\", \"disabled\", \"writable\", or \"readonly\")"
                )
            }
        }

        private func checkRecursion() throws(PlainFailure) {
            guard let submounts else { return }
            let missing = readOnly
                ? submounts == .readOnly && propagation != "rprivate" ? "bind-propagation=rprivate" : nil
                : "readonly"
            guard let missing else { return }
            throw PlainFailure(
                .invalidArgument,
                "option 'bind-recursive=\(submounts.rawValue)' requires '\(missing)' to be specified in conjunction"
            )
        }

        private mutating func takeOption(_ key: String, _ value: String, field: String) throws(PlainFailure) {
            switch key {
            case "volume-nocopy":
                withoutCopy = try Self.flag(key, value)
                optionsOf.insert("volume")
            case "volume-label", "volume-opt":
                let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                let text = parts.count == 2 ? parts[1] : ""
                if key == "volume-label" { labels[parts[0]] = text } else { volumeOptions[parts[0]] = text }
                optionsOf.insert("volume")
            case "tmpfs-size":
                guard let size = ByteSize.parse(value), size >= 0 else {
                    throw PlainFailure(.invalidArgument, "invalid value for \(key): \(value)")
                }
                tmpfsOptions.append("size=\(size)")
                optionsOf.insert("tmpfs")
            case "tmpfs-mode":
                guard let mode = UInt32(value, radix: 8), mode <= 0o7777 else {
                    throw PlainFailure(.invalidArgument, "invalid value for \(key): \(value)")
                }
                tmpfsOptions.append("mode=" + String(mode, radix: 8))
                optionsOf.insert("tmpfs")
            case "volume-driver":
                guard value == "local" else {
                    throw PlainFailure(.notFound, "error looking up volume plugin \(value): plugin not found")
                }
                optionsOf.insert("volume")
            case "volume-subpath":
                subpath = value.isEmpty ? nil : value
                optionsOf.insert("volume")
            case "bind-create-src":
                makesSource = try Self.flag(key, value)
                optionsOf.insert("bind")
            default:
                throw PlainFailure(.invalidArgument, "unexpected key '\(key)' in '\(field)'")
            }
        }

        private static func implied(_ key: String) -> String? {
            ["readonly", "ro", "volume-nocopy", "bind-nonrecursive", "bind-create-src"].contains(key) ? "true" : nil
        }

        private static func flag(_ key: String, _ value: String) throws(PlainFailure) -> Bool {
            if let answer = Bool(goText: value) { return answer }
            throw PlainFailure(.invalidArgument, "invalid value for \(key): \(value)")
        }

        func request() throws(PlainFailure) -> MountRequest {
            let name = type ?? "volume"
            guard !target.isEmpty else { throw PlainFailure(.invalidArgument, "target is required") }
            guard let kind = MountRequest.Kind(rawValue: name) else {
                throw PlainFailure(.invalidArgument, "invalid mount config for type \"\(name)\": mount type unknown")
            }
            for other in ["bind", "volume", "tmpfs"] where other != name && optionsOf.contains(other) {
                throw PlainFailure(.invalidArgument, "cannot mix '\(other)-*' options with mount type '\(name)'")
            }
            try checkRecursion()
            var request = MountRequest(kind: kind, source: source, target: target, readOnly: readOnly)
            request.propagation = propagation
            request.isNonRecursive = isNonRecursive
            request.makesSource = makesSource
            request.submounts = submounts
            request.subpath = subpath
            request.withoutCopy = withoutCopy
            request.volumeLabels = labels
            if !volumeOptions.isEmpty { request.volumeOptions = volumeOptions }
            // Docker's order, whatever the user's.
            request.tmpfsOptions = tmpfsOptions.sorted()
            return request
        }
    }
}

/// Sizes as users write them.
package enum ByteSize {
    /// `1024`, `64m`, `1.5g`, `10KB`, `2GiB`: units of 1024; nil for what is no size.
    package static func parse(_ text: String) -> Int64? {
        var number = text.lowercased()[...]
        if number.hasSuffix("b") { number.removeLast() }
        if number.hasSuffix("i") { number.removeLast() }
        var shift = 0
        if let place = "kmgtp".firstIndex(of: number.last ?? " ") {
            number.removeLast()
            shift = 10 * ("kmgtp".distance(from: "kmgtp".startIndex, to: place) + 1)
        }
        guard let first = number.first, first.isASCII, first.isNumber, let value = Double(number) else { return nil }
        let bytes = value * Double(Int64(1) << Int64(shift))
        return bytes < 9e18 ? Int64(bytes) : nil
    }
}
