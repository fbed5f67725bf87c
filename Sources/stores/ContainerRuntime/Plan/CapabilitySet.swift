package import LinuxSystem
internal import OCISpec
internal import Reporting

/// A set of capabilities as the kernel keeps it: one bit each.
package struct CapabilitySet: Sendable, Hashable, CustomStringConvertible {
    package var mask: UInt64

    package init(mask: UInt64 = 0) { self.mask = mask }

    package static let all = CapabilitySet(mask: .max)

    /// From names with `CAP_`; a name that Linux doesn't have is refused.
    package init(_ names: [String]) throws(RuntimeError) {
        mask = 0
        for name in names {
            guard let bit = RuntimeDefaults.allCapabilities.firstIndex(of: name) else {
                throw RuntimeError(.invalidArgument, "unknown capability \"\(name)\"")
            }
            mask |= 1 << UInt64(bit)
        }
    }

    /// Without what a kernel doesn't know whose last capability is `last`.
    package func limited(to last: Int) -> CapabilitySet {
        last >= 63 ? self : CapabilitySet(mask: mask & ((1 << UInt64(last + 1)) - 1))
    }

    package func contains(_ capability: Capability) -> Bool { mask >> capability.rawValue & 1 == 1 }

    package func subtracting(_ other: CapabilitySet) -> CapabilitySet { CapabilitySet(mask: mask & ~other.mask) }

    /// With `CAP_`, by number; what Linux doesn't know has none.
    package var names: [String] {
        RuntimeDefaults.allCapabilities.enumerated().filter { mask >> UInt64($0.offset) & 1 == 1 }.map(\.element)
    }

    package func isSubset(of other: CapabilitySet) -> Bool { mask & ~other.mask == 0 }

    package var description: String {
        let hex = String(mask, radix: 16)
        return String(repeating: "0", count: max(0, 16 - hex.count)) + hex
    }
}
