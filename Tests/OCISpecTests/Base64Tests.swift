import OCISpec
import Testing

@Suite struct Base64Tests {
    @Test func bytesAreWrittenAndReadAgain() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 83 &+ count) }
            #expect(Base64.bytes(Base64.text(bytes)) == bytes)
        }
    }

    @Test(arguments: ["A", "AA", "AAA", "A===", "====", "AB==", "AAB=", "A=AA", "AA=A", "AAAA\n", "AA A", "-_-_", "AAAA===="])
    func otherTextsAreNone(_ text: String) { #expect(Base64.bytes(text) == nil) }
}
