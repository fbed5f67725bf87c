import Reporting
import Testing

/// Addresses without what is secret in them.
@Suite struct ShownAddressTests {
    @Test(arguments: [
        ("https://me:secret@host/path", "https://xxxxx:xxxxx@host/path"), ("https://token@host", "https://xxxxx@host"),
        ("https://host/a@b", "https://host/a@b"), ("git@host:path", "git@host:path"), ("plain text", "plain text"),
        ("ssh://git@host/x", "ssh://git@host/x"), ("ssh://me:pw@host/x", "ssh://xxxxx:xxxxx@host/x"),
        ("https://a:b@c:d@host/x?y=@z", "https://xxxxx:xxxxx@host/x?y=@z"),
    ])
    func credentials(_ text: String, _ shown: String) { #expect(ShownAddress.hidingCredentials(text) == shown) }
}
