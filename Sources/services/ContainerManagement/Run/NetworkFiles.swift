import ContainerMonitor
import ContainerNetworking
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// `/etc/hostname`, `/etc/hosts` and `/etc/resolv.conf` of a container.
struct NetworkFiles: Equatable {
    var hostname: [UInt8]
    var hosts: [UInt8]
    var resolver: [UInt8]

    /// What of the host's the files are made from; nil where the host has none.
    struct Host {
        var hosts: [UInt8]?
        var resolver: [UInt8]?
    }

    /// The files of another container, whose network is shared.
    init(of folder: FilePath) throws(SystemError) {
        let limit = 1 << 20
        let directory = try Directory.open(folder)
        hostname = try directory.readInRoot("hostname", limit: limit)
        hosts = try directory.readInRoot("hosts", limit: limit)
        resolver = try directory.readInRoot("resolv.conf", limit: limit)
    }

    /// - Parameter place: where the container is on networks; nil while nothing is known of it.
    init(
        _ request: RunRequest,
        hostname: String,
        place: NetworkPlace? = nil,
        host: () -> Host
    ) throws(PlainFailure) {
        self.hostname = Array((hostname + "\n").utf8)
        let isOnHost = request.network == .host
        let extra = try Self.lines(request.extraHosts, gateway: place?.gateway ?? Self.gateway(request.network))
        let hasResolver =
            !(request.nameServers.isEmpty || request.searchDomains.isEmpty || request.resolverOptions.isEmpty)
        let found = isOnHost || !hasResolver ? host() : Host()
        hosts = isOnHost && extra.isEmpty ? found.hosts ?? Self.ownHosts : Self.ownHosts + Array(extra.utf8)
        hosts += Array((place?.lines ?? "").utf8)
        resolver = Self.resolver(request, host: found.resolver ?? [], filters: !isOnHost)
        if let server = place?.nameServer { resolver = Self.resolver(request, asking: server, resolver) }
    }

    /// Writes the three files.
    func write(to folder: borrowing Directory) throws(SystemError) {
        try folder.addDocument("hostname", hostname, mode: 0o644)
        try folder.addDocument("hosts", hosts, mode: 0o644)
        try folder.addDocument("resolv.conf", resolver, mode: 0o644)
    }

    /// Writes the files again that know about networks, into the same files: a running container has them mounted.
    func overwrite(in folder: borrowing Directory) throws(SystemError) {
        for (name, bytes) in [("hosts", hosts), ("resolv.conf", resolver)] {
            try folder.overwriteDocument(PathBytes(name), bytes)
        }
    }

    /// The host's files as they are now.
    static func read() -> Host {
        var resolver = try? HostFile.read("/etc/resolv.conf", limit: 1 << 20)
        // systemd's stub listens on the host only; what it asks is in the other file.
        if let text = resolver, ResolverText(text).nameServers == ["127.0.0.53"],
            let real = try? HostFile.read("/run/systemd/resolve/resolv.conf", limit: 1 << 20)
        {
            resolver = real
        }
        return Host(hosts: try? HostFile.read("/etc/hosts", limit: 1 << 20), resolver: resolver)
    }

    private static let ownHosts = Array(
        """
        127.0.0.1\tlocalhost
        ::1\tlocalhost ip6-localhost ip6-loopback
        fe00::0\tip6-localnet
        ff00::0\tip6-mcastprefix
        ff02::1\tip6-allnodes
        ff02::2\tip6-allrouters

        """.utf8
    )

    /// What `host-gateway` means; nil where nothing leads to the host, or it isn't known yet.
    private static func gateway(_ network: NetworkMode) -> String? { network == .host ? "127.0.0.1" : nil }

    private static func lines(_ extraHosts: [String], gateway: String?) throws(PlainFailure) -> String {
        var text = ""
        for host in extraHosts {
            let parts = host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty,
                !host.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f })
            else { throw PlainFailure(.invalidArgument, "bad format for add-host: \"\(host)\"") }
            if parts[1] != "host-gateway" {
                text += "\(parts[1])\t\(parts[0])\n"
            } else if let gateway {
                text += "\(gateway)\t\(parts[0])\n"
            }
        }
        return text
    }

    /// On networks with names, their server is asked for everything; it asks the others.
    private static func resolver(_ request: RunRequest, asking server: String, _ base: [UInt8]) -> [UInt8] {
        var text = ResolverText(base)
        text.nameServers = [server]
        if !text.options.contains(where: { $0.hasPrefix("ndots:") }) { text.options.append("ndots:0") }
        return text.bytes
    }

    /// A container with a network of its own can't reach what listens on the host's loopback address.
    private static func resolver(_ request: RunRequest, host: [UInt8], filters: Bool) -> [UInt8] {
        let asked = !(request.nameServers + request.searchDomains + request.resolverOptions).isEmpty
        if !asked && !filters { return host }
        var text = ResolverText(host)
        if !asked && text.nameServers.allSatisfy({ !ResolverText.isUnreachable($0) }) && !text.nameServers.isEmpty {
            return host
        }
        if filters { text.nameServers.removeAll(where: ResolverText.isUnreachable) }
        if !request.nameServers.isEmpty { text.nameServers = request.nameServers }
        if text.nameServers.isEmpty && filters { text.nameServers = ["8.8.8.8", "8.8.4.4"] }
        if !request.searchDomains.isEmpty { text.search = request.searchDomains == ["."] ? [] : request.searchDomains }
        if !request.resolverOptions.isEmpty { text.options = request.resolverOptions }
        return text.bytes
    }
}

/// The parts of a resolv.conf that matter.
struct ResolverText: Equatable {
    var nameServers: [String] = []
    var search: [String] = []
    var options: [String] = []

    init(_ bytes: [UInt8]) {
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.prefix { $0 != "#" && $0 != ";" }.split(whereSeparator: \.isWhitespace).map(String.init)
            switch words.first {
            case "nameserver": nameServers += words.dropFirst().prefix(1)
            case "search", "domain": search = Array(words.dropFirst())
            case "options": options += words.dropFirst()
            default: continue
            }
        }
    }

    /// A loopback address, or one of version 6, which a container without a network doesn't have.
    static func isUnreachable(_ address: String) -> Bool { address.hasPrefix("127.") || address.contains(":") }

    var bytes: [UInt8] {
        var text = search.isEmpty ? "" : "search \(search.joined(separator: " "))\n"
        for server in nameServers { text += "nameserver \(server)\n" }
        if !options.isEmpty { text += "options \(options.joined(separator: " "))\n" }
        return Array(text.utf8)
    }
}
