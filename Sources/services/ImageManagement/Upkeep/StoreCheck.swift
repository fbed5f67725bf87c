import ContentStorage
import MetadataStorage
package import OCISpec
package import Reporting

/// What `system check` found.
package struct CheckReport: Sendable, Hashable {
    /// Something that is not as it should be.
    package struct Finding: Sendable, Hashable {
        /// The blob, or the image's ID where no blob is to blame.
        package var digest: Digest
        /// What is wrong, in words.
        package var problem: String
        /// The images that it hits: their tags, or IDs of images without.
        package var images: [String]

        package init(digest: Digest, problem: String, images: [String]) {
            self.digest = digest
            self.problem = problem
            self.images = images
        }
    }

    package var blobs = 0
    package var bytes: Int64 = 0
    package var images = 0
    /// Sorted by digest.
    package var findings: [Finding] = []

    package var isSound: Bool { findings.isEmpty }
}

extension ImageCatalog {
    /// Reads every blob and compares it with its name, then looks whether every image has its documents and layers.
    package func check(progress: ProgressSink) throws -> CheckReport {
        var report = CheckReport()
        var problems: [Digest: String] = [:]
        let blobs = try content.all().sorted { $0.digest < $1.digest }
        let total = blobs.reduce(0) { $0 + $1.size }
        progress(.started(0, title: "check \(blobs.count) blobs"))
        for blob in blobs {
            do { try content.verify(blob.digest) } catch {
                // Removed meanwhile is not damaged.
                if try content.contains(blob.digest) { problems[blob.digest] = error.description }
            }
            report.blobs += 1
            report.bytes += blob.size
            progress(.amount(0, done: report.bytes, total: total))
        }
        var hit: [Digest: [String]] = [:]
        for row in try metadata.images.all() {
            report.images += 1
            let names = try names(of: row.id).map(\.familiar)
            let labels = names.isEmpty ? [row.id.description] : names
            for (digest, problem) in try defects(of: row, damaged: problems) {
                problems[digest] = problem
                hit[digest, default: []] += labels
            }
        }
        report.findings = problems.sorted { $0.key < $1.key }.map {
            CheckReport.Finding(digest: $0.key, problem: $0.value, images: (hit[$0.key] ?? []).sorted())
        }
        progress(.finished(0, report.isSound ? .done : .failed("\(report.findings.count) problems")))
        return report
    }

    /// What an image lacks, and which of the damaged blobs are its.
    private func defects(of row: ImageRow, damaged: [Digest: String]) throws -> [(Digest, String)] {
        let documents = [row.manifest.digest, row.id]
        let bad = try documents.compactMap { try defect(of: $0, damaged: damaged) }
        guard bad.isEmpty else { return bad }
        do {
            let blobs = Set(try assembled(row).blobs.map(\.digest))
            return try blobs.sorted().compactMap { try defect(of: $0, damaged: damaged) }
        } catch let failure as any Failure {
            return [(row.manifest.digest, failure.description)]
        }
    }

    private func defect(of digest: Digest, damaged: [Digest: String]) throws -> (Digest, String)? {
        if let problem = damaged[digest] { return (digest, problem) }
        return try content.contains(digest) ? nil : (digest, "missing")
    }
}
