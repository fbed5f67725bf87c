package import ByteStreams
package import OCISpec
import Reporting

extension BuildRequest {
    /// What becomes of a build's result.
    package struct Output: Sendable {
        /// Writes one file, which appears whole or not at all; `-` is standard output.
        package typealias FileWriter =
            @Sendable (_ destination: String, _ body: (any ByteSink) throws -> Void) throws -> Void

        /// Nothing asked for is an image in the store.
        package var exports: [ExportRequest] = []
        /// For each of the images.
        package var annotations: [ImageAnnotation] = []
        /// For whom is built; several give an index.
        package var platforms: [Platform] = [.host]
        /// Whether all that the build adds to its base becomes one layer.
        package var squashes = false
        package var writeFile: FileWriter = { destination, _ in
            throw PlainFailure(.internal, "nobody writes \"\(destination)\"")
        }

        package init() {}
    }
}
