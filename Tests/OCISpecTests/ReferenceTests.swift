import OCISpec
import Reporting
import Testing

@Suite struct ReferenceTests {
    @Test func validReferencesAreReadAsDockerReadsThem() throws {
        for row in try GoldenFile.table("reference/valid.tsv") {
            let reference = try ImageReference(row[0])
            #expect(reference.canonical == row[1], "\(row[0])")
            #expect(reference.familiar == row[2], "\(row[0])")
            if row[3].hasPrefix("! ") {
                let error = #expect(throws: ReferenceError.self) { try ImageReference.forTagging(row[0]) }
                #expect(error?.description == String(row[3].dropFirst(2)))
            } else {
                #expect(try ImageReference.forTagging(row[0]).tagName == row[3])
            }
            #expect(try ImageReference(reference.canonical) == reference, "what is written can be read again")
            #expect(try ImageReference(reference.familiar) == reference, "what is shown can be read again")
        }
    }

    @Test func invalidReferencesAreRefusedInDockersWords() throws {
        for row in try GoldenFile.table("reference/invalid.tsv") {
            let error = #expect(throws: ReferenceError.self, "\(row[0])") { try ImageReference(row[0]) }
            #expect(error?.description == row[1], "\(row[0])")
            #expect(error?.kind == .invalidArgument)
        }
    }

    @Test func lengthsAreLimited() throws {
        #expect(throws: ReferenceError.self) { try ImageReference("") }
        #expect(throws: Never.self) { try ImageReference("a/" + String(repeating: "a", count: 253)) }
        let tooLong = #expect(throws: ReferenceError.self) {
            try ImageReference("a/" + String(repeating: "a", count: 254))
        }
        #expect(tooLong?.description == "repository name must not be more than 255 characters")
        #expect(throws: Never.self) { try ImageReference("a:" + String(repeating: "x", count: 128)) }
        #expect(throws: ReferenceError.self) { try ImageReference("a:" + String(repeating: "x", count: 129)) }
        #expect(throws: ReferenceError.self) { try ImageReference(String(repeating: "a/", count: 1_000_000) + "a") }
    }

    @Test func aHintOffersTheLowercaseName() throws {
        let error = #expect(throws: ReferenceError.self) { try ImageReference("Foo:Tag") }
        #expect(error?.hint == "did you mean \"foo:tag\"?")
    }

    @Test func scratchIsReserved() throws {
        #expect(try ImageReference("scratch").isScratch)
        #expect(try !ImageReference("user/scratch").isScratch)
        let error = #expect(throws: ReferenceError.self) {
            try ImageReference.requireNotReserved(try ImageReference("scratch"))
        }
        #expect(error?.description == "'scratch' is a reserved name")
    }
}

@Suite struct DigestTests {
    @Test func aDigestOfBytesIsTheirHash() throws {
        let digest = Digest.of(Array("abc".utf8))
        #expect(digest.description == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(digest.algorithm == "sha256")
        #expect(digest.short == "ba7816bf8f01")
        #expect(digest == (try Digest(digest.description)))
        #expect(digest.sha256Bytes.map(Digest.init(sha256:)) == digest)
    }

    @Test(arguments: [
        "", "sha256", "sha256:", ":", "sha256:../../etc/passwd", "sha256:" + String(repeating: "A", count: 64),
        "sha256:" + String(repeating: "a", count: 63), "sha256:" + String(repeating: "a", count: 65),
        " sha256:" + String(repeating: "a", count: 64), "sha256:" + String(repeating: "a", count: 64) + "\n",
        "sha256:" + String(repeating: "/", count: 64), "SHA256:" + String(repeating: "a", count: 64),
        String(repeating: "a", count: 64), "sha512:" + String(repeating: "a", count: 64),
        "sha256:sha256:" + String(repeating: "a", count: 57), "md5:" + String(repeating: "a", count: 32),
    ])
    func onlyExactDigestsAreRead(_ text: String) {
        #expect(throws: DigestError.self) { try Digest(text) }
    }

    @Test func errorsNameTheReason() {
        let hex = String(repeating: "a", count: 64)
        func reason(_ text: String) -> DigestError.Reason? {
            do throws(DigestError) {
                _ = try Digest(text)
                return nil
            } catch { return error.reason }
        }
        #expect(reason("md5:\(hex)") == .unsupported)
        #expect(reason("sha512:\(hex)") == .length)
        #expect(reason("sha256:\(hex.uppercased())") == .format)
        #expect(reason("nothing") == .format)
        #expect(reason("sha512:\(hex)\(hex)") == nil)
    }
}

@Suite struct PlatformTests {
    @Test(arguments: [
        ("linux/amd64", "linux/amd64"), ("linux/x86_64", "linux/amd64"), ("Linux/X86-64", "linux/amd64"),
        ("linux/aarch64", "linux/arm64"), ("linux/arm64/v8", "linux/arm64"), ("linux/arm64/8", "linux/arm64"),
        ("linux/arm64/v9", "linux/arm64/v9"), ("linux/arm", "linux/arm/v7"), ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"), ("linux/arm/6", "linux/arm/v6"), ("linux/i386", "linux/386"),
        ("linux/amd64/v1", "linux/amd64"), ("linux/amd64/v3", "linux/amd64/v3"), ("macos/arm64", "darwin/arm64"),
        ("arm64", "linux/arm64"), ("riscv64", "linux/riscv64"), ("windows/amd64", "windows/amd64"),
    ])
    func platformsAreNormalised(_ text: String, _ expected: String) throws {
        #expect(try Platform(parsing: text).description == expected)
    }

    @Test(arguments: ["", "/", "linux/", "linux/a b", "nonsense", "a/b/c/d", "linux//v7", "linux/amd64\n"])
    func wrongPlatformsAreRefused(_ text: String) {
        #expect(throws: PlatformError.self) { try Platform(parsing: text) }
    }

    @Test func oneWordTakesTheOtherHalfFromTheHost() throws {
        #expect(try Platform(parsing: "linux") == .host)
    }

    @Test func anIndexGivesTheBestManifest() throws {
        func entry(_ platform: String?, _ name: String) throws -> Descriptor {
            Descriptor(
                mediaType: .ociManifest,
                digest: .of(Array(name.utf8)),
                size: 1,
                platform: try platform.map { try Platform(parsing: $0) }
            )
        }
        let index = ImageIndex(manifests: [
            try entry("linux/arm/v5", "5"), try entry("linux/arm/v6", "6"), try entry("linux/arm64", "64"),
            try entry("unknown/unknown", "attestation"),
        ])
        #expect(try index.manifest(for: Platform(parsing: "linux/arm/v7"))?.digest == .of(Array("6".utf8)))
        #expect(try index.manifest(for: Platform(parsing: "linux/arm64/v8"))?.digest == .of(Array("64".utf8)))
        #expect(try index.manifest(for: Platform(parsing: "linux/amd64")) == nil)
        let untyped = ImageIndex(manifests: [try entry(nil, "any")])
        #expect(try untyped.manifest(for: Platform(parsing: "linux/amd64"))?.digest == .of(Array("any".utf8)))
    }
}
