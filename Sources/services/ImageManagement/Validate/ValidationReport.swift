import OCISpec

/// What `image validate` found.
package struct ValidationReport: Sendable, Hashable {
    /// Something that is not as it should be.
    package struct Finding: Sendable, Hashable {
        /// The blob's digest, or the file of a layout.
        package var subject: String
        /// What is wrong, in words.
        package var problem: String
    }

    /// How many images for one platform were looked at, how many blobs, and how many bytes they have.
    package var images = 0
    package var blobs = 0
    package var bytes: Int64 = 0
    package var findings: [Finding] = []
    /// What is worth knowing and not wrong.
    package var notes: [String] = []

    package var isSound: Bool { findings.isEmpty }

    package init() {}

    mutating func add(_ digest: Digest, _ problem: String) { add(digest.description, problem) }

    mutating func add(_ subject: String, _ problem: String) {
        let finding = Finding(subject: subject, problem: problem)
        if !findings.contains(finding) { findings.append(finding) }
    }
}
