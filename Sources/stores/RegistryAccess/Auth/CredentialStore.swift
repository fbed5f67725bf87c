import LinuxSystem
import OCISpec
import Reporting
package import SystemPackage

/// The credentials of a user, in the file that docker, podman and skopeo share: `~/.docker/config.json`, or the one that
/// `REGISTRY_AUTH_FILE` names. What else is in the file stays as it is.
///
/// Where the file names a helper program, that keeps the secrets and the file only says who is known.
package struct CredentialStore: CredentialSource {
    /// The file; it need not be there.
    package let path: FilePath

    /// No honest file is larger.
    private static let limit = 4 << 20

    package init(path: FilePath) { self.path = path }

    /// The user's own: `REGISTRY_AUTH_FILE`, else `DOCKER_CONFIG`'s `config.json`, else `~/.docker/config.json`.
    package static func standard(environment: (String) -> String?) -> CredentialStore {
        func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        if let file = value("REGISTRY_AUTH_FILE") { return CredentialStore(path: FilePath(file)) }
        let folder = value("DOCKER_CONFIG").map { FilePath($0) } ?? FilePath(value("HOME") ?? "/").appending(".docker")
        return CredentialStore(path: folder.appending("config.json"))
    }

    /// Another setting of the user's in the same file; nil where there is none, or the file can't be read.
    package func setting(_ name: String) -> String? {
        guard let bytes = try? HostPath.openForReading(path),
            let content = try? DescriptorIO.readAll(bytes.raw, limit: Self.limit),
            let document = try? JSONValue(parsing: content)
        else { return nil }
        return document[name]?.text
    }

    // MARK: - Finding

    package func credential(for host: RegistryHost, repository: String) throws(RegistryError) -> Credential? {
        guard let document = try read(host) else { return nil }
        // A repository's own entry counts before its folder's, and that before the registry's.
        var key = repository
        while key != host.name, let slash = key.lastIndex(of: "/") {
            if let entry = document["auths"]?[key], let found = try credential(entry, host) { return found }
            key = String(key[..<slash])
        }
        if let helper = Self.helper(for: host, in: document) {
            return try CredentialProgram(name: helper).credential(host.credentialKey, host)
        }
        for (key, entry) in Self.entries(document) where Self.names(key, host) {
            if let found = try credential(entry, host) { return found }
        }
        return nil
    }

    /// Whether an entry is a registry's: its name, with or without a scheme and a version's path.
    private static func names(_ key: String, _ host: RegistryHost) -> Bool {
        if key == host.credentialKey || key == host.name { return true }
        guard let scheme = key.firstRange(of: "://") else { return false }
        let rest = key[scheme.upperBound...]
        let name = rest.prefix { $0 != "/" }
        guard ["", "/", "/v1", "/v1/", "/v2", "/v2/"].contains(rest.dropFirst(name.count)) else { return false }
        return name == host.name || host == .dockerHub && name == "index.docker.io"
    }

    private static func entries(_ document: JSONValue) -> [(String, JSONValue)] {
        guard case .object(let object) = document["auths"] else { return [] }
        return object.members.map { ($0.key, $0.value) }
    }

    private static func helper(for host: RegistryHost, in document: JSONValue) -> String? {
        let own = document["credHelpers"]
        let name = (own?[host.credentialKey] ?? own?[host.name])?.text ?? document["credsStore"]?.text
        return name.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func credential(_ entry: JSONValue, _ host: RegistryHost) throws(RegistryError) -> Credential? {
        if let token = entry["identitytoken"]?.text, !token.isEmpty { return .identityToken(token) }
        if let token = entry["registrytoken"]?.text, !token.isEmpty { return .registryToken(token) }
        if let user = entry["username"]?.text, let secret = entry["password"]?.text, !user.isEmpty {
            return .password(user: user, secret: secret)
        }
        guard let text = entry["auth"]?.text, !text.isEmpty else { return nil }
        guard let bytes = Base64.bytes(text), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let user = String(validating: bytes[..<colon], as: UTF8.self),
            let secret = String(validating: bytes[(colon + 1)...].prefix { $0 != 0 }, as: UTF8.self)
        else { throw RegistryError(.credentials("its entry in \(path) can't be read"), host.name) }
        return .password(user: user, secret: secret)
    }

    // MARK: - Changing

    /// Keeps a credential; whether a helper has it now, else it lies in the file as it is.
    package func store(_ credential: Credential, for host: RegistryHost) throws(RegistryError) -> Bool {
        var document = try object(host)
        var auths = Self.auths(document)
        let helper = Self.helper(for: host, in: .object(document))
        if let helper {
            try CredentialProgram(name: helper).store(credential, host.credentialKey, host)
            auths[host.credentialKey] = [:]
        } else {
            auths[host.credentialKey] = Self.entry(credential)
        }
        document["auths"] = .object(auths)
        try write(document, host)
        return helper != nil
    }

    /// Forgets what there is of a registry; false where nothing was known.
    package func erase(_ host: RegistryHost) throws(RegistryError) -> Bool {
        guard try read(host) != nil else { return false }
        var document = try object(host)
        var auths = Self.auths(document)
        let known = auths.members.map(\.key).filter { Self.names($0, host) }
        let helper = Self.helper(for: host, in: .object(document))
        if known.isEmpty, helper == nil { return false }
        if let helper { try CredentialProgram(name: helper).erase(host.credentialKey, host) }
        for key in known { auths[key] = nil }
        document["auths"] = .object(auths)
        try write(document, host)
        return !known.isEmpty
    }

    private static func auths(_ document: JSONObject) -> JSONObject {
        if case .object(let auths) = document["auths"] { auths } else { JSONObject() }
    }

    private static func entry(_ credential: Credential) -> JSONValue {
        switch credential {
        case .password(let user, let secret): ["auth": .string(Base64.text(Array("\(user):\(secret)".utf8)))]
        case .identityToken(let token): ["identitytoken": .string(token)]
        case .registryToken(let token): ["registrytoken": .string(token)]
        }
    }

    // MARK: - The file

    private func object(_ host: RegistryHost) throws(RegistryError) -> JSONObject {
        switch try read(host) {
        case nil: return JSONObject()
        case .object(let object): return object
        default: throw RegistryError(.credentials("\(path) is no JSON object"), host.name)
        }
    }

    private func read(_ host: RegistryHost) throws(RegistryError) -> JSONValue? {
        let bytes: [UInt8]
        do throws(SystemError) {
            let file = try HostPath.openForReading(path)
            bytes = try DescriptorIO.readAll(file.raw, limit: Self.limit)
        } catch {
            if [.noSuchFileOrDirectory, .notDirectory].contains(error.errno) { return nil }
            throw RegistryError(.credentials("\(path): \(error)"), host.name)
        }
        if bytes.allSatisfy({ [0x20, 0x09, 0x0a, 0x0d].contains($0) }) { return nil }
        do throws(JSONError) { return try JSONValue(parsing: bytes) } catch {
            throw RegistryError(.credentials("\(path): \(error)"), host.name)
        }
    }

    /// By rename, so that nobody reads half of it; only the user may read it. A link stays one: what it leads to is replaced.
    private func write(_ document: JSONObject, _ host: RegistryHost) throws(RegistryError) {
        let text = JSONValue.object(document).serialized(indent: 4) + "\n"
        do throws(SystemError) {
            let target = HostPath.followingLinks(path)
            let folder = try Directory.open(target.parent, create: true, mode: 0o700)
            let file = try folder.temporaryFile(mode: 0o600)
            try DescriptorIO.write(file.descriptor.raw, Array(text.utf8).span)
            try DescriptorIO.syncData(file.descriptor.raw)
            try file.link(as: PathBytes(target.lastComponent?.string ?? "config.json"), replace: true)
        } catch { throw RegistryError(.credentials("\(path): \(error)"), host.name) }
    }
}
