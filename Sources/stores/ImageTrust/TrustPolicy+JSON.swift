package import OCISpec

extension TrustPolicy {
    /// As much as a policy may have.
    package static let sizeLimit = 1 << 20

    /// Reads a policy.
    ///
    /// Strict: a member that isn't known is an error, since a rule that is half understood would let in what it was
    /// written to keep out.
    package init(parsing bytes: [UInt8], file: String) throws(TrustError) {
        self.init(file: file)
        let document: JSONValue
        do { document = try JSONValue(parsing: bytes, limit: Self.sizeLimit) } catch {
            throw TrustError(.policy(file: file, detail: error.description))
        }
        let top = try members(of: document, at: "the document", allowing: ["version", "rules"])
        guard top["version"] == .integer(1) else { throw invalid("\"version\" must be 1") }
        guard let listed = top["rules"]?.elements else { throw invalid("\"rules\" must be a list") }
        for (index, value) in listed.enumerated() {
            let rule = try rule(value, at: "rules[\(index)]")
            guard !rules.contains(where: { $0.pattern == rule.pattern }) else {
                throw invalid("rules[\(index)]: there is another rule for \"\(rule.pattern.text)\"")
            }
            rules.append(rule)
        }
    }

    /// The policy as it is written.
    package var json: JSONValue {
        ["version": 1, "rules": .array(rules.map(\.json))]
    }

    private func invalid(_ detail: String) -> TrustError { TrustError(.policy(file: file, detail: detail)) }

    private func members(
        of value: JSONValue,
        at place: String,
        allowing known: Set<String>
    ) throws(TrustError) -> JSONObject {
        guard case .object(let object) = value else { throw invalid("\(place) must be an object") }
        for member in object.members where !known.contains(member.key) {
            throw invalid("\(place): unknown member \(JSONValue.string(member.key).serialized())")
        }
        return object
    }

    private func rule(_ value: JSONValue, at place: String) throws(TrustError) -> Rule {
        let object = try members(
            of: value,
            at: place,
            allowing: ["match", "require", "digests", "keys", "identity"]
        )
        guard let text = object["match"]?.text else { throw invalid("\(place): \"match\" must be a pattern") }
        let pattern: TrustPattern
        do { pattern = try TrustPattern(text) } catch { throw invalid("\(place): \(error)") }
        return Rule(pattern, try requirement(object, at: place))
    }

    private func requirement(_ object: JSONObject, at place: String) throws(TrustError) -> Requirement {
        let extras: Set<String>
        let requirement: Requirement
        switch object["require"]?.text {
        case "accept": (requirement, extras) = (.accept, [])
        case "reject": (requirement, extras) = (.reject, [])
        case "digest":
            var digests: [Digest] = []
            for text in try texts(object, "digests", at: place) {
                do { digests.append(try Digest(text)) } catch { throw invalid("\(place): \(error)") }
            }
            (requirement, extras) = (.digests(digests), ["digests"])
        case "signature":
            let keys = try texts(object, "keys", at: place)
            let signature = SignatureRequirement(keys: keys, identity: try identity(object, at: place))
            (requirement, extras) = (.signature(signature), ["keys", "identity"])
        default:
            throw invalid("\(place): \"require\" must be \"accept\", \"reject\", \"digest\" or \"signature\"")
        }
        for name in ["digests", "keys", "identity"] where object[name] != nil && !extras.contains(name) {
            throw invalid("\(place): \"\(name)\" has no meaning here")
        }
        return requirement
    }

    /// A list of texts that isn't empty.
    private func texts(_ object: JSONObject, _ name: String, at place: String) throws(TrustError) -> [String] {
        guard let elements = object[name]?.elements, !elements.isEmpty else {
            throw invalid("\(place): \"\(name)\" must be a list with at least one member")
        }
        var texts: [String] = []
        for element in elements {
            guard let text = element.text, !text.isEmpty, !text.utf8.contains(0) else {
                throw invalid("\(place): \"\(name)\" must be texts")
            }
            texts.append(text)
        }
        return texts
    }

    private func identity(_ object: JSONObject, at place: String) throws(TrustError) -> ImageReference? {
        guard let value = object["identity"] else { return nil }
        guard let text = value.text, let name = try? ImageReference(text), name.digest == nil else {
            throw invalid("\(place): \"identity\" must be the name of an image, without a digest")
        }
        return name
    }
}

extension TrustPolicy.Rule {
    /// The rule as it is written.
    package var json: JSONValue {
        var object: JSONObject = ["match": .string(pattern.text)]
        switch requirement {
        case .accept: object["require"] = "accept"
        case .reject: object["require"] = "reject"
        case .digests(let digests):
            object["require"] = "digest"
            object["digests"] = JSONValue(strings: digests.map(\.description))
        case .signature(let signature):
            object["require"] = "signature"
            object["keys"] = JSONValue(strings: signature.keys)
            object["identity"] = signature.identity.map { .string($0.canonical) }
        }
        return .object(object)
    }
}
