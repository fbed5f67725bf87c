package import LinuxSystem
private import OCISpec
private import SystemPackage

extension HealthRecord {
    private static let file: PathBytes = "health.json"

    /// The record of a container; nil where it has none, or none that can be read.
    package init?(in folder: borrowing Directory) {
        guard let bytes = try? folder.document(Self.file, limit: 1 << 18),
            let record = try? JSON.decode(HealthRecord.self, from: bytes)
        else { return nil }
        self = record
    }

    /// A full disk must not end the container.
    func write(to folder: borrowing Directory) {
        guard let bytes = try? JSON.encode(self) else { return }
        try? folder.replaceDocument(Self.file, bytes)
    }
}
