import BuildOperations
import DockerfileSyntax
import LinuxSystem
import Reporting
import SystemPackage

/// `--secret id=x,src=file`, `--secret id=x,env=NAME`, `--secret id=x`.
struct SecretArgument: ArgumentValue, Hashable {
    var id = ""
    var file: String?
    var variable: String?

    init(argument: String) throws(ArgumentError) {
        let fields: [String]
        do { fields = try CommaSeparated.fields(argument) } catch {
            throw ArgumentError("failed to parse csv secret: \(error.description)")
        }
        var type: String?
        for field in fields {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else {
                throw ArgumentError("invalid field '\(field)' must be a key=value pair")
            }
            switch (parts[0].lowercased(), parts[1]) {
            case ("type", "file"), ("type", "env"): type = parts[1]
            case ("type", let other): throw ArgumentError("unsupported secret type \(GoText.quoted(other))")
            case ("id", let value): id = value
            case ("source", let value), ("src", let value): file = value
            case ("env", let value): variable = value
            case (let key, _): throw ArgumentError("unexpected key '\(key)' in '\(field)'")
            }
        }
        if type == "env", variable == nil { (variable, file) = (file, nil) }
        if id.isEmpty { throw ArgumentError("secret missing ID") }
    }

    /// The secret's place: what was said, else the variable of its name, else the file of its name.
    func source() throws(ArgumentError) -> SecretSource {
        if let name = variable ?? (file == nil && Terminal.environment(id) != nil ? id : nil), !name.isEmpty {
            return SecretSource(id: id, place: .value(Terminal.environment(name) ?? ""))
        }
        let path = FilePath(file ?? id)
        let status = try path.statusForArgument()
        if status.size > SecretSource.largest {
            throw ArgumentError("secret \(id) too big. max size 500KB")
        }
        return SecretSource(id: id, place: .file(path))
    }
}

extension FilePath {
    /// What the path of an argument leads to.
    fileprivate func statusForArgument() throws(ArgumentError) -> FileStatus {
        do throws(SystemError) { return try HostPath.status(self) } catch {
            throw ArgumentError("failed to stat \(self): \(error)")
        }
    }
}

/// `--ssh default`, `--ssh id=socket`, `--ssh id=key,key`.
struct AgentArgument: ArgumentValue, Hashable {
    var id: String
    var paths: [String]

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        id = parts[0].isEmpty ? "default" : parts[0]
        paths = parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : []
    }

    /// The agent's socket or the keys: what was said, else the caller's agent.
    func source() throws(ArgumentError) -> AgentSource {
        let named = paths.isEmpty ? Terminal.environment("SSH_AUTH_SOCK").map { [$0] } ?? [] : paths
        guard let first = named.first, !first.isEmpty else {
            throw ArgumentError("invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set")
        }
        var keys: [FilePath] = []
        for text in named {
            let path = FilePath(text)
            switch try path.statusForArgument().kind {
            case .socket where named.count == 1: return AgentSource(id: id, .socket(path))
            case .socket: throw ArgumentError("only single socket allowed")
            case .file: keys.append(path)
            default: throw ArgumentError("ssh agent \(GoText.quoted(text)) is neither a socket nor a file with a key")
            }
        }
        return AgentSource(id: id, .keys(keys))
    }
}

/// `--allow network.host`.
struct EntitlementArgument: ArgumentValue, Hashable {
    var value: Entitlement

    init(argument: String) throws(ArgumentError) {
        guard let value = Entitlement(rawValue: argument) else {
            throw ArgumentError(
                "unknown entitlement \(argument)",
                hint: "one of \(Entitlement.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        self.value = value
    }
}

/// `--add-host` of a build: `host=ip`, `host:ip`, several addresses with commas, `[…]` around them.
struct BuildHostArgument: ArgumentValue, Hashable {
    /// `host:ip` each, or `host:host-gateway`, which stands for the host as a step sees it.
    var entries: [String]

    init(argument: String) throws(ArgumentError) {
        guard let cut = argument.firstIndex(of: "=") ?? argument.firstIndex(of: ":"), cut != argument.startIndex else {
            throw ArgumentError("invalid host \(argument)")
        }
        let host = argument[..<cut]
        entries = []
        let isName = host.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
        for word in argument[argument.index(after: cut)...].split(separator: ",", omittingEmptySubsequences: false) {
            var address = String(word)
            if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
            let isAddress = address == RunSettings.hostGateway || InternetAddress.isValid(address)
            guard isName, isAddress else { throw ArgumentError("invalid host \(argument)") }
            entries.append("\(host):\(address)")
        }
    }
}
