package import ByteStreams
package import ImageManagement
package import OCISpec
import Reporting
package import SystemPackage

extension Engine {
    /// `image diff`
    package func diffImages(
        _ first: String,
        _ second: String,
        platform: Platform?,
        _ options: DiffOptions
    ) throws -> (first: Image, second: Image, diff: ImageDiff) {
        let (one, other) = (try image(first, for: platform), try image(second, for: platform))
        return (one, other, try images.diff(one, other, options))
    }

    /// `image export`: the file system of an image as one tar.
    package func exportImage(_ name: String, platform: Platform?, epoch: Int64?, to sink: any ByteSink) throws {
        try images.export(try image(name, for: platform), epoch: epoch, to: sink)
    }

    /// `image squash`
    package func squashImage(_ name: String, platform: Platform?, _ request: SquashRequest) throws -> Image {
        if let tag = request.tag { try ImageReference.requireNotReserved(tag) }
        return try images.squash(try image(name, for: platform), request)
    }

    /// `image validate` of an image of the store
    package func validateImage(_ name: String) throws -> ValidationReport { try images.validate(name) }

    /// `image validate` of a layout or an archive
    package func validate(path: FilePath) throws -> ValidationReport { try images.validate(path: path) }

    private func image(_ name: String, for platform: Platform?) throws -> Image {
        guard let platform else { return try images.resolve(name) }
        return try images.resolve(name, insistingOn: platform)
    }
}
