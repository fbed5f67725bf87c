import LinuxSystem
import Reporting
import SystemPackage

/// Certificates for a registry, as Docker keeps them: `<folder>/<host:port>/ca.crt`, `client.cert` with `client.key`.
enum CertificateFolder {
    /// No chain of certificates is longer, in bytes.
    private static let limit = 1 << 20

    /// What the folders say of a registry; a folder that isn't there says nothing.
    static func settings(for host: RegistryHost, in folders: [String]) throws(RegistryError) -> TLSSettings {
        var settings = TLSSettings()
        for folder in folders {
            let path = FilePath(folder).appending(host.name)
            do throws(SystemError) { try read(path, into: &settings) } catch {
                if [.noSuchFileOrDirectory, .notDirectory].contains(error.errno) { continue }
                throw RegistryError(.credentials("certificates in \(path): \(error)"), host.name)
            }
        }
        return settings
    }

    private static func read(_ path: FilePath, into settings: inout TLSSettings) throws(SystemError) {
        let folder = try Directory.open(path)
        for name in try folder.names().sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let text = String(decoding: name, as: UTF8.self)
            if text.hasSuffix(".crt") {
                let file = try folder.openForReading(PathBytes(name))
                let bytes = try DescriptorIO.readAll(file.raw, limit: limit)
                settings.authorities += String(decoding: bytes, as: UTF8.self) + "\n"
            } else if text.hasSuffix(".cert"), settings.certificate == nil {
                settings.certificate = path.appending(text).string
                settings.key = path.appending(text.dropLast(5) + ".key").string
            }
        }
    }
}
