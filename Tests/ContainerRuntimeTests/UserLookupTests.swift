import ContainerRuntime
import OCISpec
import Testing

@Suite struct UserLookupTests {
    private func lookup() throws -> UserLookup {
        try UserLookup(
            passwd: Array(
                """
                # a comment
                root:x:0:0:root:/root:/bin/sh
                web:x:33:34::/srv/web:/bin/false
                1000:x:0:0::/:/bin/sh
                big:x:4294967296:0::/:
                short:x:1
                """.utf8
            ),
            group: Array("root:x:0:\nweb:x:34:\nlogs:x:40:web,root\nmore:x:41:other,web\n2000:x:0:\n".utf8)
        )
    }

    private func resolved(_ text: String, additional: [String] = []) throws -> [UInt32] {
        let user = try lookup().resolve(text, additional: additional)
        return [user.uid, user.gid] + (user.additionalGids ?? [])
    }

    @Test func dockersRules() throws {
        #expect(try resolved("") == [0, 0, 0, 40])
        #expect(try resolved("web") == [33, 34, 34, 40, 41])
        #expect(try resolved("web:logs") == [33, 40, 40])
        #expect(try resolved("33") == [33, 34, 34, 40, 41])
        #expect(try resolved("+5000") == [5000, 0, 0])
        #expect(try resolved("web:logs:what follows") == [33, 40, 40])
        #expect(try resolved("5000") == [5000, 0, 0])
        #expect(try resolved("5000:6000") == [5000, 6000, 6000])
        #expect(try resolved(":logs") == [0, 40, 40])
        #expect(try resolved("web", additional: ["more", "99"]) == [33, 34, 34, 40, 41, 99])
    }

    @Test func aNumberIsNeverAName() throws {
        // A user called 1000 is root: asking for the number must not find the name.
        #expect(try resolved("1000") == [1000, 0, 0])
        #expect(try resolved("5:2000") == [5, 2000, 2000])
    }

    @Test(arguments: [
        "4294967296", "2147483648", "-1", "0x0x", "nobody", "big", "short", "web:nogroup", "web:-1", "++5", "+",
        "99999999999999999999",
    ])
    func refused(_ text: String) throws {
        let lookup = try lookup()
        #expect(throws: RuntimeError.self) { try lookup.resolve(text) }
    }

    @Test func homes() throws {
        #expect(try lookup().home(of: 33) == "/srv/web")
        #expect(try lookup().home(of: 7) == "/")
        #expect(try UserLookup(passwd: nil, group: nil).resolve("").uid == 0)
        #expect(throws: RuntimeError.self) {
            try UserLookup(passwd: [UInt8](repeating: 65, count: UserLookup.sizeLimit + 1), group: nil)
        }
    }
}
