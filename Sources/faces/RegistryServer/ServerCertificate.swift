import NIOSSL
import Reporting
package import SystemPackage

/// By what a server proves who it is: its certificate, with those that vouch for it, and its private key.
package struct ServerCertificate: Sendable {
    let context: NIOSSLContext

    /// Reads the files, both PEM.
    package init(certificates: FilePath, key: FilePath) throws {
        let chain: [NIOSSLCertificate]
        do { chain = try NIOSSLCertificate.fromPEMFile(certificates.string) } catch {
            throw PlainFailure(.invalidArgument, "\(certificates): not certificates in PEM that can be read")
        }
        let privateKey: NIOSSLPrivateKey
        do { privateKey = try NIOSSLPrivateKey(file: key.string, format: .pem) } catch {
            throw PlainFailure(.invalidArgument, "\(key): not a private key in PEM that can be read")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(privateKey)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do { context = try NIOSSLContext(configuration: configuration) } catch {
            throw PlainFailure(.invalidArgument, "\(certificates): the certificate can't be used with the key \(key)")
        }
    }
}
