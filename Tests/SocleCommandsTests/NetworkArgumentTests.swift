import Testing

@testable import SocleCommands

/// What ends up as lines of a container's `resolv.conf`.
struct NetworkArgumentTests {
    @Test func domainsToSearch() throws {
        for (text, domain) in [
            ("example.com", "example.com"), ("a.b.c.", "a.b.c"), (" x ", "x"), (".", "."), ("a-b.1", "a-b.1"), ("1a", "1a"), (" . ", "."),
        ] {
            #expect(try DomainArgument(argument: text).text == domain, "\(text)")
        }
        // As Docker says it.
        for text in ["", "..", "../x", "a\nnameserver 6.6.6.6", "\u{1b}[31m", "a/b", "-x", "x-", "a..b", "ä", "1.2", "a b", String(repeating: "a", count: 255)] {
            #expect(throws: ArgumentError("\(text) is not a valid domain")) { try DomainArgument(argument: text) }
        }
    }

    @Test func optionsOfTheResolver() throws {
        for text in ["ndots:2", "a b", "ä", ""] { #expect(try ResolverOptionArgument(argument: text).text == text) }
        for text in ["a\nnameserver 6.6.6.6", "\u{1b}", "a\0"] {
            #expect(throws: ArgumentError.self, "\(text.debugDescription)") { try ResolverOptionArgument(argument: text) }
        }
    }
}
