import LinuxSystem
package import SystemPackage

/// The kernel's table of formats that another program runs (`binfmt_misc`): how programs of other processors run here.
package struct BinaryFormats: Sendable, Hashable {
    /// One format: files with these bytes are run by an emulator.
    package struct Format: Sendable, Hashable {
        package var name: String
        /// On the host; or, without the flag F, in the root of whoever starts the program.
        package var interpreter: FilePath
        /// Whether the kernel keeps the emulator open (F), so that it is found from inside of an image.
        package var isFixed: Bool
        package var offset: Int
        package var magic: [UInt8]
        /// Which bits of the magic count.
        package var mask: [UInt8]

        /// Whether a file that begins so is of this format.
        package func matches(_ head: [UInt8]) -> Bool {
            guard offset + magic.count <= head.count else { return false }
            return magic.indices.allSatisfy { (head[offset + $0] ^ magic[$0]) & mask[$0] == 0 }
        }
    }

    /// Those that are in use.
    package var formats: [Format]

    /// Reads the kernel's table; empty where it isn't mounted, since nobody can have filled it then.
    package static func current() -> BinaryFormats {
        guard let folder = try? Directory.open("/proc/sys/fs/binfmt_misc"), let names = try? folder.names() else {
            return BinaryFormats(formats: [])
        }
        let formats = names.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { bytes -> Format? in
            let name = PathBytes(bytes)
            // A format that goes away meanwhile is none.
            guard name != "register", name != "status", let text = try? folder.readFile(name, limit: 65_536) else {
                return nil
            }
            return Format(name: name.description, text: String(decoding: text, as: UTF8.self))
        }
        return BinaryFormats(formats: formats)
    }

    package init(formats: [Format]) { self.formats = formats }

    /// The format of a file that begins so.
    package func format(of head: [UInt8]) -> Format? { formats.first { $0.matches(head) } }
}

extension BinaryFormats.Format {
    /// Reads the kernel's description of one format; nil for one that is turned off or goes by a file's name.
    package init?(name: String, text: String) {
        var fields: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            let key = parts[0].hasSuffix(":") ? parts[0].dropLast() : parts[0]
            fields[key] = parts.count > 1 ? parts[1] : ""
        }
        guard fields["enabled"] != nil, let interpreter = fields["interpreter"],
            let magic = fields["magic"].flatMap({ Self.bytes($0) })
        else { return nil }
        self.name = name
        self.interpreter = FilePath(String(interpreter))
        isFixed = fields["flags"]?.contains("F") ?? false
        offset = fields["offset"].flatMap { Int($0) } ?? 0
        self.magic = magic
        mask = fields["mask"].flatMap { Self.bytes($0) } ?? [UInt8](repeating: 0xff, count: magic.count)
        guard offset >= 0, mask.count == magic.count else { return nil }
    }

    private static func bytes(_ hex: Substring) -> [UInt8]? {
        guard hex.utf8.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var rest = hex
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
