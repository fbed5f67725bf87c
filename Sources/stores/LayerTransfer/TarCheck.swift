package import ByteStreams
import TarFormat

/// Looks at a root file system's archive without unpacking it: what passes here can be applied.
package enum TarCheck {
    /// Reads `source` to its end, headers only, and refuses archives that are broken, too large or hostile.
    ///
    /// An archive without a single byte, or of zeros only, is an empty layer, as it is for Docker.
    package static func validate(
        _ source: any ByteSource,
        limits: LayerLimits = .standard
    ) throws(LayerError) -> LayerUsage {
        let entries = EntrySequence(source, limits: limits)
        while try entries.next() != nil {}
        return entries.usage
    }
}
