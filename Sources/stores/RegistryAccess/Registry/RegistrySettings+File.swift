import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

extension RegistrySettings {
    /// Where Docker and others keep registries' certificates.
    package static let standardCertificateFolders = ["/etc/docker/certs.d", "/etc/containers/certs.d"]
    /// The machine's settings.
    private static let machineFile = "/etc/socle/registries.json"
    /// No honest file is larger.
    private static let limit = 1 << 20

    /// What the machine's owner and the user want: the file that `SOCLE_REGISTRIES` names, else `/etc/socle/registries.json`
    /// and over it `$XDG_CONFIG_HOME/socle/registries.json`, of which neither need be there.
    package static func standard(environment: (String) -> String?) throws(RegistryError) -> RegistrySettings {
        func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        var settings = RegistrySettings()
        settings.certificateFolders = standardCertificateFolders
        if let file = value("SOCLE_REGISTRIES") {
            try settings.add(file: FilePath(file), isRequired: true)
            return settings
        }
        try settings.add(file: FilePath(machineFile), isRequired: false)
        let home = value("XDG_CONFIG_HOME") ?? value("HOME").map { $0 + "/.config" }
        if let home { try settings.add(file: FilePath(home).appending("socle/registries.json"), isRequired: false) }
        return settings
    }

    private mutating func add(file path: FilePath, isRequired: Bool) throws(RegistryError) {
        let bytes: [UInt8]
        do throws(SystemError) {
            let file = try HostPath.openForReading(path)
            bytes = try DescriptorIO.readAll(file.raw, limit: Self.limit)
        } catch {
            if !isRequired, [.noSuchFileOrDirectory, .notDirectory].contains(error.errno) { return }
            throw RegistryError(.settings("\(error)"), path.string)
        }
        try add(bytes, from: path.string)
    }

    /// Reads a file's text; what a later file says of a registry replaces what an earlier one said.
    package mutating func add(_ bytes: [UInt8], from name: String) throws(RegistryError) {
        let document: JSONValue
        do throws(JSONError) { document = try JSONValue(parsing: bytes) } catch {
            throw RegistryError(.settings(error.description), name)
        }
        let reader = SettingsReader(file: name)
        for (key, value) in try reader.members(document, "the file") {
            switch key {
            case "registries":
                for (prefix, value) in try reader.members(value, key) {
                    let rule = try reader.rule(prefix, value)
                    rules.removeAll { $0.prefix == prefix }
                    rules.append(rule)
                }
            case "certificates": certificateFolders = try reader.texts(value, key)
            default: throw reader.unknown(key, in: "the file", known: "registries, certificates")
            }
        }
    }
}

/// Reads the parts of a settings file and says where it is wrong.
private struct SettingsReader {
    let file: String

    func members(_ value: JSONValue, _ place: String) throws(RegistryError) -> [(String, JSONValue)] {
        guard case .object(let object) = value else { throw wrong("\(place) is no object") }
        return object.members.map { ($0.key, $0.value) }
    }

    func texts(_ value: JSONValue, _ place: String) throws(RegistryError) -> [String] {
        guard let elements = value.elements else { throw wrong("\(place) is no list") }
        var texts: [String] = []
        for element in elements {
            guard let text = element.text else { throw wrong("\(place) has something that is no text") }
            texts.append(text)
        }
        return texts
    }

    func rule(_ prefix: String, _ value: JSONValue) throws(RegistryError) -> RegistrySettings.Rule {
        let host = prefix.hasPrefix("*.") ? String(prefix.dropFirst(2)) : prefix
        guard !host.isEmpty, (try? ImageReference("\(host)/x")) != nil || (try? ImageReference(host)) != nil else {
            throw wrong("\"\(prefix)\" is no registry and no part of one")
        }
        var rule = RegistrySettings.Rule(prefix: prefix)
        for (key, value) in try members(value, "\"\(prefix)\"") {
            switch key {
            case "blocked": rule.isBlocked = try flag(value, "\(prefix): \(key)")
            case "insecure": rule.isInsecure = try flag(value, "\(prefix): \(key)")
            case "mirrors":
                for text in try texts(value, "\(prefix): \(key)") { rule.mirrors.append(try mirror(text)) }
            default: throw unknown(key, in: "\"\(prefix)\"", known: "blocked, insecure, mirrors")
            }
        }
        return rule
    }

    /// `mirror.example.com`, `https://mirror.example.com/hub`, `http://127.0.0.1:5000`.
    private func mirror(_ text: String) throws(RegistryError) -> RegistrySettings.Mirror {
        var rest = text[...]
        var isInsecure = false
        if let scheme = text.firstRange(of: "://") {
            let name = text[..<scheme.lowerBound]
            guard name == "http" || name == "https" else { throw wrong("the mirror \"\(text)\" isn't of http or https") }
            isInsecure = name == "http"
            rest = text[scheme.upperBound...]
        }
        while rest.hasSuffix("/") { rest.removeLast() }
        let host = String(rest.prefix { $0 != "/" })
        let folder = String(rest.dropFirst(host.count).drop { $0 == "/" })
        guard (try? ImageReference("\(host)/\(folder.isEmpty ? "" : folder + "/")x"))?.domain == host else {
            throw wrong("the mirror \"\(text)\" is no registry")
        }
        var mirror = RegistrySettings.Mirror(host: RegistryHost(host), folder: folder)
        mirror.isInsecure = isInsecure
        return mirror
    }

    private func flag(_ value: JSONValue, _ place: String) throws(RegistryError) -> Bool {
        guard case .bool(let flag) = value else { throw wrong("\(place) is neither true nor false") }
        return flag
    }

    func unknown(_ key: String, in place: String, known: String) -> RegistryError {
        wrong("\(place) has \"\(key)\", which is not known; known are \(known)")
    }

    func wrong(_ words: String) -> RegistryError { RegistryError(.settings(words), file) }
}
