extension IPv4Address {
    /// Four decimal numbers with points between them, and nothing else.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            // A leading zero means octal to some readers.
            guard let byte = UInt8(part), part.utf8.count == String(byte).utf8.count else { return nil }
            number = number << 8 | UInt32(byte)
        }
        self.init(number)
    }

    package var isLoopback: Bool { number >> 24 == 127 }
}

extension IPv4Subnet {
    /// `172.28.0.0/16`; what is behind the prefix is cut off.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv4Address(String(parts[0])), let prefix = UInt8(parts[1]), prefix <= 32
        else { return nil }
        self.init(address, prefix: prefix)
    }

    /// Its last address: the one for all.
    package var last: IPv4Address {
        let size = UInt64(1) << UInt64(32 - UInt32(prefix))
        return IPv4Address(UInt32(truncatingIfNeeded: UInt64(address.number) + size - 1))
    }

    package func contains(_ other: IPv4Address) -> Bool {
        address.number <= other.number && other.number <= last.number
    }

    package func contains(_ other: IPv4Subnet) -> Bool { other.prefix >= prefix && contains(other.address) }
}
