import BuildDefinition
import ContainerManagement
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting

extension RunStep {
    /// What a RUN's result depends on: the operation, the file system below, the contents of its bind mounts, and those of
    /// the caller's settings that programs see. Secrets, agents, caches and memory are no part of it.
    func key(of operation: RunOperation, below: BuiltFileSystem, inputs: [RunInput]) throws -> BuildCache.Key {
        var parts = Operation.run(operation).keyParts
        if network != .default { parts.append(KeyPart("network", network.rawValue)) }
        if let epoch { parts.append(KeyPart("source date epoch", String(epoch))) }
        parts += settings.extraHosts.map { KeyPart("extra host", $0) }
        if let size = settings.sharedMemorySize { parts.append(KeyPart("shared memory", "\(size)")) }
        parts += settings.ulimits.map { KeyPart("ulimit", "\($0.name)=\($0.soft):\($0.hard)") }
        parts.append(KeyPart("below", below.chain))
        for mount in operation.mounts {
            guard case .bind(let input, let path) = mount.source else { continue }
            let digest = try Self.content(of: inputs[input], at: path, metadata)
            parts.append(KeyPart("content of \(mount.target ?? path)", digest.description))
        }
        return BuildCache.Key(parts)
    }

    /// The digest of what is visible at a path of an input.
    static func content(of input: RunInput, at path: String, _ metadata: MetadataStore) throws -> Digest {
        if input.isEmpty(path) { return Digest.of([]) }
        let place = try input.place(of: path)
        let digests = ContentDigests(metadata)
        var listing = ContentListing(place.tree, digests: digests)
        let digest = try listing.digest(of: place.path)
        try digests.save()
        return digest
    }

    /// What the caller didn't allow, or nobody can do, is refused before anything runs.
    func requireAllowed(_ operation: RunOperation) throws(PlainFailure) {
        if operation.security == .insecure { try require(.insecure) }
        if operation.network == .host { try require(.hostNetwork) }
        if !operation.devices.isEmpty {
            throw PlainFailure(
                .unsupported,
                "device feature is only supported in Dockerfile frontend 1.14.0-labs or later"
            )
        }
    }

    private func require(_ entitlement: Entitlement) throws(PlainFailure) {
        if settings.entitlements.contains(entitlement) { return }
        throw PlainFailure(
            .forbidden,
            "\(entitlement.rawValue) is not allowed",
            hint: "`socle build --allow \(entitlement.rawValue)` allows it"
        )
    }
}
