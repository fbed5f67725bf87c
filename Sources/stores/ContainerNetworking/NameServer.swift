private import Glibc
private import LinuxSystem
package import Reporting
package import SystemPackage

/// The name server of networks that users make: aardvark-dns, which answers at the networks' gateways.
///
/// It reads a file for each network, again at every SIGHUP, and ends by itself when the last file has gone.
package struct NameServer: Sendable {
    /// Where its files are.
    package var folder: FilePath
    static let places: [FilePath] = ["/usr/lib/podman", "/usr/libexec/podman", "/usr/local/lib/podman", "/usr/bin"]
    static let program = "aardvark-dns"

    package init(folder: FilePath) { self.folder = folder }

    /// The names on one network.
    package struct Zone: Hashable, Sendable {
        /// A container's address, and what it is called.
        package struct Entry: Hashable, Sendable {
            package var id: String
            package var address: IPv4Address
            package var ipv6: IPv6Address?
            package var names: [String]
            /// Who is asked about other names; none is the host's own servers.
            package var servers: [String]

            package init(
                id: String,
                address: IPv4Address,
                ipv6: IPv6Address? = nil,
                names: [String],
                servers: [String]
            ) {
                self.id = id
                self.address = address
                self.ipv6 = ipv6
                self.names = names
                self.servers = servers
            }
        }

        package var network: String
        package var gateway: IPv4Address
        package var entries: [Entry]

        package init(network: String, gateway: IPv4Address, entries: [Entry]) {
            self.network = network
            self.gateway = gateway
            self.entries = entries
        }

        /// The file, in aardvark-dns' own form.
        package var text: String {
            let lines = entries.map { entry in
                let servers = entry.servers.isEmpty ? "" : " \(entry.servers.joined(separator: ","))"
                let ipv6 = entry.ipv6?.description ?? ""
                return "\(entry.id) \(entry.address) \(ipv6) \(entry.names.joined(separator: ","))\(servers)\n"
            }
            return "\(gateway)\n" + lines.joined()
        }
    }

    /// Whether a name can stand in such a file and in a question.
    package static func accepts(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 253
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "-_.".utf8.contains(byte)
            }
    }

    /// The program; an error that says what to install where it is missing.
    package static func find() throws(PlainFailure) -> FilePath {
        try HostProgram.find(program, in: places, "networks of your own need", hint: "apt-get install \(program)")
    }

    /// Makes it answer for these networks, and for no others.
    package func serve(_ zones: [Zone]) throws {
        let zones = zones.filter { !$0.entries.isEmpty }
        let directory: Directory
        if zones.isEmpty {
            guard let there = try? Directory.open(folder) else { return }
            directory = there
        } else {
            directory = try Directory.open(folder, create: true, mode: 0o700)
        }
        let wanted = Set(zones.map(\.network))
        for entry in try directory.entries() {
            let name = String(decoding: entry.name.bytes, as: UTF8.self)
            if name != Self.processFile, !wanted.contains(name) { try directory.remove(entry.name) }
        }
        for zone in zones {
            let file = try directory.temporaryFile(mode: 0o600)
            try DescriptorIO.write(file.descriptor.raw, Array(zone.text.utf8).span)
            try file.link(as: PathBytes(zone.network), replace: true)
        }
        if let process = process(in: directory) {
            kill(process, SIGHUP)
        } else if !zones.isEmpty {
            try start(directory)
        }
    }

    private static let processFile = "aardvark.pid"

    /// The process that serves; nil where there is none.
    private func process(in directory: borrowing Directory) -> Int32? {
        guard let bytes = try? directory.readInRoot(PathBytes(Self.processFile), limit: 32),
            let number = Int32(String(decoding: bytes.prefix { (48...57).contains($0) }, as: UTF8.self)), number > 1
        else { return nil }
        // The number may be another's after a reboot.
        let name = try? Directory.open(FilePath("/proc/\(number)")).readInRoot("cmdline", limit: 4096)
        guard let name, name.starts(with: Array((try? Self.find())?.string.utf8 ?? "".utf8)), !name.isEmpty else {
            return nil
        }
        return number
    }

    private func start(_ directory: borrowing Directory) throws {
        try? directory.remove(PathBytes(Self.processFile))
        let null = try Directory.open("/dev").open("null", flags: O_RDWR)
        let words = [try Self.find().string, "--config", folder.string, "--port", "53", "run"]
        let child = try ChildProgram(words).start(input: null.raw, output: null.raw, error: null.raw)
        let status = try child.wait()
        // Ten seconds: a machine that is busy with others takes its time.
        for _ in 0..<2_000 where status == 0 {
            if process(in: directory) != nil { return }
            usleep(5_000)
        }
        throw PlainFailure(.unavailable, "\(Self.program) doesn't start (status \(status))")
    }
}
