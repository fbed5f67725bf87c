import FoundationEssentials
import OCISpec
import Testing

/// The coders of documents beside Foundation's: digests were made of what that wrote.
@Suite struct JSONCodingTests {
    private struct Part: Codable, Hashable {
        var text: String?
        var truth: Bool?
        var number: Int?
        var mask: UInt64?
        var small: UInt8?
        var share: Double?
        var names: [String]?
        var table: [String: [Int]]?
        var parts: [Part]?

        private enum CodingKeys: String, CodingKey {
            case text = "Text"
            case truth, number, mask, small, share, names, table, parts
        }
    }

    private static let seeds: [[UInt8]] = [
        #"{"Text":"a","truth":true,"number":-3,"mask":18446744073709551615,"small":255,"share":0.5,"names":["b","","c"]}"#,
        #"{"table":{"z":[1,2],"a":[],"é":[9223372036854775807]},"parts":[{"Text":"<&> \u00e9\u2028 \b\f\n\u0001/"},{}],"share":1e21}"#,
        #"{"Text":null,"number":1e2,"small":1.0,"parts":[],"share":-0.0,"unknown":{"a":[null,true]}}"#,
    ].map { Array($0.utf8) }

    private static func foundation(_ part: Part) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(part), as: UTF8.self)
    }

    /// What both read is the same, and is written in the same way.
    @Test func documentsAreFoundations() throws {
        var mutator = SpecMutator(seed: 0x5eed_0014)
        var read = 0
        for round in 0..<SpecMutator.iterations {
            let bytes = round < Self.seeds.count ? Self.seeds[round] : mutator.mutated(Self.seeds)
            guard let part = try? JSON.decode(Part.self, from: bytes) else { continue }
            #expect(String(decoding: try JSON.encode(part), as: UTF8.self) == (try Self.foundation(part)))
            // Foundation lets the first of two equal keys count, and refuses half a pair of escapes.
            guard (try? JSONValue(parsing: bytes)) != nil, let other = try? JSONDecoder().decode(Part.self, from: Data(bytes)) else {
                continue
            }
            #expect(part == other, "\(String(decoding: bytes, as: UTF8.self))")
            read += 1
        }
        #expect(read >= 3)
    }

    @Test func whatFoundationReadsIsReadToo() throws {
        for bytes in Self.seeds {
            #expect(try JSON.decode(Part.self, from: bytes) == JSONDecoder().decode(Part.self, from: Data(bytes)))
        }
    }

    @Test func theLastOfEqualKeysCounts() throws {
        let members = (0..<40).map { #""k\#($0)":[\#($0)]"# }.joined(separator: ",")
        #expect(try JSON.decode(Part.self, from: Array(#"{"Text":"a","Text":"b"}"#.utf8)).text == "b")
        let table = try JSON.decode([String: [Int]].self, from: Array("{\(members),\"k3\":[99],\"k30\":[98]}".utf8))
        #expect(table.count == 40)
        #expect(table["k3"] == [99] && table["k30"] == [98] && table["k39"] == [39])
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array("{\(members),\"k3\":1}".utf8)) }
    }

    @Test(arguments: [
        (#"{"Text":1}"#, "invalid JSON: Text: is not a string"), (#"{"truth":"x"}"#, "invalid JSON: truth: is not true or false"),
        (#"{"names":["a",1]}"#, "invalid JSON: names[1]: is not a string"), (#"{"names":[null]}"#, "invalid JSON: names[0]: is null"),
        (#"{"parts":[{"table":{"a":{}}}]}"#, "invalid JSON: parts[0].table.a: is not a list"),
        (#"{"parts":[[]]}"#, "invalid JSON: parts[0]: is not an object"), ("null", "invalid JSON: is null"),
        (#"{"small":256}"#, "invalid JSON: small: the number 256 does not fit in UInt8"),
        (#"{"number":1.5}"#, "invalid JSON: number: the number 1.5 does not fit in Int"),
        (#"{"number":18446744073709551615}"#, "invalid JSON: number: the number 18446744073709551615 does not fit in Int"),
        (#"{"Text":"a",}"#, "invalid JSON: a key was expected (at byte 12)"),
    ])
    func mistakesSayWhere(_ text: String, _ reason: String) {
        let error = #expect(throws: JSONError.self) { try JSON.decode(Part.self, from: Array(text.utf8)) }
        #expect(error?.description == reason)
    }

    @Test func whatIsNoNumberIsNotWritten() {
        #expect(throws: JSONError.self) { try JSON.encode(Part(share: .nan)) }
        #expect(throws: JSONError.self) { try JSON.encode([Double.infinity]) }
    }
}
