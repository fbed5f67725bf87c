import OCISpec
import Testing

@Suite struct JSONValueTests {
    @Test func inspectOutputLooksLikeGos() {
        let value: JSONValue = [
            ["Id": "x", "Empty": [], "None": nil, "Nothing": [:], "Labels": ["b": "<&>", "a": 1], "Ok": true]
        ]
        let expected = """
            [
                {
                    "Id": "x",
                    "Empty": [],
                    "None": null,
                    "Nothing": {},
                    "Labels": {
                        "b": "<&>",
                        "a": 1
                    },
                    "Ok": true
                }
            ]
            """
        #expect(value.serialized(indent: 4) == expected)
    }

    @Test func textIsEscapedAsGoDoes() {
        let text = JSONValue.string("a\"\\\n\r\t\u{1}\u{8}\u{7f}é😀<>&\u{2028}/")
        #expect(text.serialized() == #""a\"\\\n\r\t\u0001\u0008"# + "\u{7f}é😀<>&" + #"\u2028/""#)
        #expect(JSONValue.string("<>&").serialized(escapingHTML: true) == #""\u003c\u003e\u0026""#)
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0"), (1.5, "1.5"), (100.0, "100"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
        (1.25e22, "1.25e+22"), (0.000001, "0.000001"), (0.0000001, "1e-7"), (1.5e-9, "1.5e-9"), (-2.5, "-2.5"),
        (123456789.125, "123456789.125"), (2.2250738585072014e-308, "2.2250738585072014e-308"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
    ])
    func numbersAreWrittenAsGoDoes(_ number: Double, _ expected: String) {
        #expect(JSONValue.number(number).serialized() == expected)
    }

    @Test(arguments: [
        #"{"b":1,"a":[true,false,null,-12,1.5],"c":{"x":"y"}}"#, "[]", "{}", "0", #""""#, #"{"a":9223372036854775807}"#,
    ])
    func whatIsReadIsWrittenAgain(_ text: String) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)).serialized() == text)
    }

    @Test func escapesAreUnderstood() throws {
        let text = #""\u0041\n\/\ud83d\ude00\ud83dx\udc00\u00e9""#
        #expect(try JSONValue(parsing: Array(text.utf8)).text == "A\n/😀\u{fffd}x\u{fffd}é")
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1,]", "{\"a\":1,}", "{a:1}", "01", "-", "1.", "1e", ".5", "+1", "tru", "nul", "\"",
        "\"\\x\"",
        "\"\\u12\"", "\"\u{1}\"", "[1] 2", "{\"a\":1,\"a\":2}", "1e999", "[1 2]", "{\"a\" 1}", "'a'", "NaN",
        "\u{feff}1",
    ])
    func brokenTextIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test func invalidUnicodeAndDepthAreRefused() {
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xff, 0x22]) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xed, 0xa0, 0x80, 0x22]) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array(repeating: 0x5b, count: 1_000_000)) }
        let nested = Array(repeating: UInt8(0x5b), count: 64) + Array(repeating: UInt8(0x5d), count: 64)
        #expect(throws: Never.self) { try JSONValue(parsing: nested) }
    }

    @Test func objectsKeepTheirOrder() {
        var object: JSONObject = ["z": 1, "a": 2]
        object["m"] = 3
        object["z"] = 4
        object["a"] = nil
        #expect(JSONValue.object(object).serialized() == #"{"z":4,"m":3}"#)
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", Int64(0), Int32(0)), ("2024-02-29T23:59:59.5Z", 1_709_251_199, 500_000_000),
        ("2000-01-01T01:00:00+01:00", 946_684_800, 0), ("1969-12-31T23:59:59Z", -1, 0),
        ("0001-01-01T00:00:00Z", -62_135_596_800, 0), ("2026-11-23T18:58:29.660053375Z", 1_795_460_309, 660_053_375),
        ("2020-01-01t00:00:00.1234567891z", 1_577_836_800, 123_456_789),
    ])
    func momentsAreRead(_ text: String, _ seconds: Int64, _ nanoseconds: Int32) throws {
        let moment = try Timestamp(text)
        #expect(moment.seconds == seconds)
        #expect(moment.nanoseconds == nanoseconds)
        #expect(moment.text == text)
    }

    @Test(arguments: [
        "", "now", "2024-01-01", "2024-13-01T00:00:00Z", "2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z",
        "2024-01-01T00:00:00", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00Zx", "2024-01-01T00:00:00+1:00",
        "0000-00-00T00:00:00Z", "24-01-01T00:00:00Z",
    ])
    func otherTextIsRefused(_ text: String) {
        #expect(throws: TimestampError.self) { try Timestamp(text) }
    }

    @Test func momentsAreWrittenAsDockerWritesThem() throws {
        #expect(Timestamp(epochSeconds: 0).text == "1970-01-01T00:00:00Z")
        #expect(
            Timestamp(epochSeconds: 1_795_460_309, nanoseconds: 660_053_370).text == "2026-11-23T18:58:29.66005337Z"
        )
        #expect(Timestamp(epochNanoseconds: -1).text == "1969-12-31T23:59:59.999999999Z")
        #expect(Timestamp.zero.text == "0001-01-01T00:00:00Z")
        for seconds in stride(from: Int64(-62_135_596_800), to: 253_402_300_799, by: 86_399 * 97) {
            #expect(try Timestamp(Timestamp(epochSeconds: seconds).text).seconds == seconds)
        }
    }

    @Test func theClockIsNear() {
        #expect(Timestamp.now.seconds > 1_700_000_000)
        #expect(Timestamp.now.epochNanoseconds / 1_000_000_000 - Timestamp.now.seconds < 2)
    }
}
