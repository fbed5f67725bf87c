import OCISpec

// What happened in a store, in the order in which it happened: a journal that every process appends to, since there is no
// daemon that could tell.

/// Something that happened to an object of the store.
package struct EventRecord: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable { case builder, container, image, network, volume }

    package var kind: Kind
    /// `start`, `exec_create: sh`.
    package var action: String
    /// The object's ID or name.
    package var id: String
    package var attributes: [String: String]
    /// Nanoseconds since 1970.
    package var time: Int64

    package init(_ kind: Kind, _ action: String, _ id: String, _ attributes: [String: String] = [:], time: Int64) {
        self.kind = kind
        self.action = action
        self.id = id
        self.attributes = attributes
        self.time = time
    }

    /// One line of the journal.
    var line: [UInt8] {
        let value: JSONValue = [
            "t": .integer(time), "k": .string(kind.rawValue), "a": .string(action), "i": .string(id),
            "m": .object(JSONObject(attributes)),
        ]
        return Array((value.serialized() + "\n").utf8)
    }

    /// nil for what is no line of a journal: one that was cut by a full disk.
    init?(line: ArraySlice<UInt8>) {
        guard let value = try? JSONValue(parsing: Array(line)), case .integer(let time) = value["t"],
            let kind = value["k"]?.text.flatMap(Kind.init(rawValue:)), let action = value["a"]?.text,
            let id = value["i"]?.text, case .object(let attributes) = value["m"]
        else { return nil }
        let pairs = attributes.members.map { ($0.key, $0.value.text ?? "") }
        self.init(kind, action, id, Dictionary(pairs) { _, last in last }, time: time)
    }
}
