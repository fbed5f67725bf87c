import Testing

@testable import SocleCommands

struct ListenArgumentTests {
    @Test func addressesAndPorts() throws {
        let cases: [(String, String, Int, Bool)] = [
            ("127.0.0.1:5000", "127.0.0.1", 5000, true), ("localhost:0", "localhost", 0, true),
            ("[::1]:80", "::1", 80, true),
            ("127.9.8.7:1", "127.9.8.7", 1, true), ("0.0.0.0:5000", "0.0.0.0", 5000, false),
            ("[::]:5000", "::", 5000, false),
            ("127.0.0.1.example.com:1", "127.0.0.1.example.com", 1, false), ("host:1", "host", 1, false),
        ]
        for (text, host, port, isLoopback) in cases {
            let place = try ListenArgument(argument: text)
            #expect(place.host == host && place.port == port && place.isLoopback == isLoopback, "\(text)")
        }
        for text in ["", "5000", ":5000", "host", "host:", "host:x", "host:65536", "host:-1", "::1:5000"] {
            #expect(throws: ArgumentError.self, "\(text)") { try ListenArgument(argument: text) }
        }
    }
}
