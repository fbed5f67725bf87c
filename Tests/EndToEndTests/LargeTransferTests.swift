import SocleTesting
import SystemPackage
import Testing

/// Layers that take a while: what was sent once, in either direction, isn't sent again.
@Suite(
    .requires(.all(.root, .overlay, TestRegistry.isThere, .tool("jq"))),
    .serialized
)
struct LargeTransferTests {
    /// Of what doesn't compress.
    private static let size = 24_000_000

    /// A folder `ctx` whose build has one layer of `size` bytes.
    private func writeContext(_ socle: borrowing Socle, like other: String? = nil) throws {
        try socle.write(["ctx": ["Dockerfile": "FROM scratch\nCOPY noise /noise\n"]])
        let noise = other.map { "cp \($0)/ctx/noise ctx/noise" } ?? "head -c \(Self.size) /dev/urandom >ctx/noise"
        try socle.shell("\(noise); touch -d @1000000000 ctx/noise").succeeding()
        try socle.output("build", "-q", "-t", "large", "--build-arg", "SOURCE_DATE_EPOCH=1000000000", "ctx")
    }

    private func push(_ socle: borrowing Socle, to host: String) throws -> String {
        try socle.output("tag", "large", "\(host)/large:1")
        return try socle.output("push", "\(host)/large:1")
    }

    @Test func aPullThatWasKilledHalfwayTakesHalfAgain() throws {
        let socle = try Socle()
        try writeContext(socle)
        let registry = try TestRegistry(for: socle)
        _ = try push(socle, to: registry.host)
        let slow = try FaultProxy(for: socle, before: registry.host, ["slow=12000000:1:blobs/sha256", "slow=12000000:1:blobs/sha256"], name: "slow")
        let other = try Socle()
        let reached = try other.shell(
            """
            "$SOCLE" pull -q \(slow.host)/large:1 & pull=$!
            for _ in $(seq 400); do
                size=$(cat "$SOCLE_ROOT"/partial/* 2>/dev/null | wc -c)
                [ "$size" -ge \(Self.size / 2) ] && break
                sleep 0.02
            done
            kill -9 $pull; wait $pull 2>/dev/null
            cat "$SOCLE_ROOT"/partial/* | wc -c
            """
        ).succeeding()
        let before = try #require(Int(reached.split(separator: "\n").last ?? ""))
        #expect(before >= Self.size / 2 && before < Self.size, "\(before)")
        let quick = try FaultProxy(for: socle, before: registry.host, [], name: "quick")
        // The same repository by another way: the layer is known by its digest.
        try other.output("pull", "-q", "\(quick.host)/large:1")
        let sent = try #require(Int(try quick.requests("map(.sent) | add")))
        #expect(sent <= Self.size * 55 / 100, "\(sent)")
        #expect(try other.output("inspect", "-f", "{{.Id}}", "\(quick.host)/large:1") == socle.output("inspect", "-f", "{{.Id}}", "large"))
    }

    @Test func whatARegistryHasIsNotSentInFullToASlowOne() throws {
        let socle = try Socle()
        try writeContext(socle)
        let registry = try TestRegistry(for: socle)
        let pushed = try push(socle, to: registry.host)
        #expect(pushed.contains(": Pushed\n"), "\(pushed)")
        // Somebody else, who made the same and knows nothing of the first.
        let other = try Socle()
        try writeContext(other, like: socle.work.string)
        let proxy = try FaultProxy(for: socle, before: registry.host, ["crawl=3000000:9:blobs/uploads"])
        let again = try push(other, to: proxy.host)
        #expect(again.contains(": Layer already exists\n") && !again.contains("Pushed"), "\(again)")
        let received = try #require(Int(try proxy.requests("map(.received) | add")))
        #expect(received < Self.size / 2, "\(received)")
        #expect(try proxy.requests("map(select(.method == \"DELETE\")) | length") == "1")
        #expect(again.split(separator: "\n").last == pushed.split(separator: "\n").last, "the digest is the same")
    }

    @Test func aSlowRegistryGetsEverythingInTheEnd() throws {
        let socle = try Socle()
        try writeContext(socle)
        let registry = try TestRegistry(for: socle)
        let proxy = try FaultProxy(for: socle, before: registry.host, ["crawl=30000000:9:blobs/uploads"])
        let pushed = try push(socle, to: proxy.host)
        #expect(pushed.contains(": Pushed\n"), "\(pushed)")
        let received = try #require(Int(try proxy.requests("map(.received) | add")))
        #expect(received < Self.size + 1_000_000, "nothing twice: \(received)")
        let other = try Socle()
        try other.output("pull", "-q", "\(registry.host)/large:1")
        #expect(try other.output("inspect", "-f", "{{.Id}}", "\(registry.host)/large:1") == socle.output("inspect", "-f", "{{.Id}}", "large"))
    }
}
