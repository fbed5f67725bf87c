private import CLinuxShims

/// Finds bytes in bytes as quickly as the C library does.
package enum ByteSearch {
    /// Where `needle` first stands in `bytes`, from `start` on; nil where it doesn't.
    package static func firstIndex(of needle: [UInt8], in bytes: [UInt8], from start: Int = 0) -> Int? {
        guard start <= bytes.count else { return nil }
        return bytes.withUnsafeBytes { haystack in
            needle.withUnsafeBytes { wanted in
                guard let top = haystack.baseAddress, let text = wanted.baseAddress,
                    let found = linux_find(top + start, haystack.count - start, text, wanted.count)
                else { return nil }
                return found - top
            }
        }
    }
}
