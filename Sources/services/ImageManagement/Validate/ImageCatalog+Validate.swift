import ByteStreams
import CompressionCodecs
import ContentStorage
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
package import SystemPackage

extension ImageCatalog {
    /// Reads everything that belongs to an image of the store, for all its platforms.
    package func validate(_ name: String) throws -> ValidationReport {
        let row = try find(name).row
        var validation = ImageValidation(content)
        try validation.check(row.manifest)
        return validation.report
    }

    /// The same for an OCI layout in a folder, or for an archive of images in a file.
    package func validate(path: FilePath) throws -> ValidationReport {
        guard let name = path.lastComponent, let status = try Directory.holding(path).status(PathBytes(name.string))
        else { return try validate(layout: path) }
        return status.kind == .file ? try validate(archive: path) : try validate(layout: path)
    }

    private func validate(layout path: FilePath) throws -> ValidationReport {
        let layout = LayoutFolder(path)
        var validation = ImageValidation(layout)
        let entries = try layout.entries()
        for entry in entries { try validation.check(entry) }
        var report = validation.report
        if let problem = try layout.markerProblem() { report.add("oci-layout", problem) }
        if entries.isEmpty { report.add("index.json", "it lists no image") }
        return report
    }

    /// An archive is taken in as `load` would, and thrown away: what `load` refuses is what is wrong with it.
    private func validate(archive path: FilePath) throws -> ValidationReport {
        var report = ValidationReport()
        do {
            let source = FileSource(try HostPath.openForReading(path), subject: path.string)
            let counted = CountingSource(source)
            try leasing { held in
                let intake = ArchiveIntake(content, held: held)
                try intake.take(counted)
                report.blobs = intake.contents.blobs.count + intake.contents.documents.count
                report.bytes = counted.count
                let plan = try LoadPlan(intake.contents, platform: .host)
                let images = plan.images + plan.indexes.flatMap(\.images)
                report.images = images.count
                report.notes = plan.notes
                for image in images {
                    let check = ConfigCheck(image.config.value, layers: image.layers.count)
                    for problem in check.problems { report.add(image.config.descriptor.digest, problem) }
                    for layer in image.layers { Self.compare(layer, in: &report) }
                }
            }
        } catch let failure as any Failure where failure.kind == .corrupt || failure.kind == .unsupported {
            report.add(path.string, failure.description)
        }
        return report
    }

    private static func compare(_ layer: (descriptor: Descriptor, facts: LayerFacts), in report: inout ValidationReport)
    {
        let (named, actual) = (layer.descriptor.mediaType.layerCompression, layer.facts.mediaType.layerCompression)
        guard let named, let actual, named != actual else { return }
        report.add(layer.descriptor.digest, "its type says \(named), its bytes are \(actual)")
    }
}
