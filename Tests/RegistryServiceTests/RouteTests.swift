import OCISpec
import Testing

@testable import RegistryService

struct RouteTests {
    private static let digest = "sha256:" + String(repeating: "a", count: 64)

    @Test func addressesAreReadFromTheirEnd() throws {
        func name(_ text: String) throws -> RepositoryName { try RepositoryName(text) }
        let digest = try Digest(Self.digest)
        let cases: [(String, RegistryRoute)] = [
            ("/v2", .base), ("/v2/", .base), ("/v2/_catalog", .catalog),
            ("/v2/app/tags/list", .tags(try name("app"))), ("/v2/a/b/c/tags/list", .tags(try name("a/b/c"))),
            ("/v2/tags/list/tags/list", .tags(try name("tags/list"))),
            ("/v2/app/manifests/latest", .manifest(try name("app"), .tag("latest"))),
            ("/v2/manifests/manifests/manifests", .manifest(try name("manifests"), .tag("manifests"))),
            ("/v2/app/manifests/\(Self.digest)", .manifest(try name("app"), .digest(digest))),
            ("/v2/app/manifests/sha256%3A\(Self.digest.dropFirst(7))", .manifest(try name("app"), .digest(digest))),
            ("/v2/app/blobs/\(Self.digest)", .blob(try name("app"), digest)),
            ("/v2/app/blobs/uploads/", .uploads(try name("app"))), ("/v2/app/blobs/uploads", .uploads(try name("app"))),
            ("/v2/app/blobs/uploads/0f", .upload(try name("app"), "0f")),
            ("/v2/blobs/uploads/blobs/uploads/", .uploads(try name("blobs/uploads"))),
            ("/v2/a/blobs/uploads/manifests/1", .manifest(try name("a/blobs/uploads"), .tag("1"))),
            ("/v2/app/referrers/\(Self.digest)", .referrers(try name("app"), digest)),
        ]
        for (path, route) in cases { #expect(try RegistryRoute(path: path) == route, "\(path)") }
    }

    @Test func whatIsNoAddressIsRefused() {
        let cases: [(String, Int, RegistryRefusal.Code)] = [
            ("", 404, .unsupported), ("/", 404, .unsupported), ("/v1/", 404, .unsupported), ("v2/", 404, .unsupported),
            ("/v2/app", 404, .unsupported), ("/v2/app/other/x", 404, .unsupported), ("/v2//", 404, .unsupported),
            ("/v2/../etc/manifests/1", 400, .nameInvalid), ("/v2/a/../b/manifests/1", 400, .nameInvalid),
            ("/v2/a%2Fb/manifests/1", 400, .nameInvalid), ("/v2/a%00b/manifests/1", 400, .nameInvalid),
            ("/v2/a%zz/manifests/1", 404, .unsupported), ("/v2/App/manifests/1", 400, .nameInvalid),
            ("/v2//manifests/1", 400, .nameInvalid), ("/v2/a//b/manifests/1", 400, .nameInvalid),
            ("/v2/a:5000/b/manifests/1", 400, .nameInvalid), ("/v2/a@b/manifests/1", 400, .nameInvalid),
            ("/v2/scratch/manifests/1", 400, .nameInvalid), ("/v2/sha256/manifests/1", 400, .nameInvalid),
            ("/v2/\(String(repeating: "a", count: 64))/manifests/1", 400, .nameInvalid),
            ("/v2/\(String(repeating: "a", count: 300))/manifests/1", 400, .nameInvalid),
            ("/v2/app/manifests/-x", 400, .tagInvalid), ("/v2/app/manifests/..%2F", 400, .tagInvalid),
            ("/v2/app/manifests/\(String(repeating: "t", count: 129))", 400, .tagInvalid),
            ("/v2/app/manifests/sha256:00", 400, .digestInvalid), ("/v2/app/blobs/latest", 400, .digestInvalid),
            ("/v2/app/blobs/sha256:../../etc", 404, .unsupported),
            ("/v2/app/blobs/sha1:\(String(repeating: "a", count: 40))", 400, .digestInvalid),
        ]
        for (path, status, code) in cases {
            do throws(RegistryRefusal) {
                let route = try RegistryRoute(path: path)
                Issue.record("\(path) is \(route)")
            } catch {
                #expect(error.status == status && error.code == code, "\(path): \(error.status) \(error.code)")
            }
        }
    }

    @Test func repositoriesAreTheNamesOfTheStore() throws {
        let cases = [
            "app": "docker.io/library/app", "library/app": "docker.io/library/app", "user/app": "docker.io/user/app",
            "docker.io/library/app": "docker.io/library/app", "quay.io/a/b": "quay.io/a/b",
            "localhost/x": "localhost/x",
        ]
        for (text, key) in cases { #expect(try RepositoryName(text).key == key) }
        #expect(RepositoryName(key: "localhost:5000/x") == nil)
        #expect(RepositoryName(key: "docker.io/library/app")?.text == "app")
    }

    @Test func rangesOfBytes() throws {
        let cases: [(String?, RequestedRange)] = [
            (nil, .whole), ("bytes=0-9", .part(0...9)), ("bytes=5-", .part(5...99)), ("bytes=-10", .part(90...99)),
            ("bytes=-1000", .part(0...99)), ("bytes=90-1000", .part(90...99)), ("bytes=100-", .unsatisfiable),
            ("bytes=-0", .unsatisfiable), ("bytes=9-5", .unsatisfiable), ("bytes=0-1,5-6", .whole),
            ("lines=0-1", .whole),
            ("bytes=a-b", .whole), ("bytes=-", .whole), ("bytes=0-99999999999999999999", .part(0...99)),
            ("bytes=99999999999999999999-", .unsatisfiable),
        ]
        for (header, range) in cases { #expect(RequestedRange(header, size: 100) == range, "\(header ?? "none")") }
        #expect(RequestedRange("bytes=-5", size: 0) == .unsatisfiable)
        #expect(try ChunkRange("0-9").count == 10)
        #expect(try ChunkRange("bytes 3-4/*").first == 3)
        for wrong in ["", "-", "5", "9-5", "a-b", "0-", "-5", "1-2-3", "0-99999999999999999999"] {
            #expect(throws: RegistryRefusal.self, "\(wrong)") { try ChunkRange(wrong) }
        }
    }
}
