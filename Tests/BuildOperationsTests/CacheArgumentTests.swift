import CompressionCodecs
import ImageManagement
import OCISpec
import Reporting
import SystemPackage
import Testing

@testable import BuildOperations

@Suite struct CacheArgumentTests {
    @Test func importsAreRead() throws {
        #expect(try CacheImport(argument: "type=local,src=/c") == .layout("/c", tag: nil, digest: nil))
        let digest = Digest.of([1])
        #expect(
            try CacheImport(argument: "type=local,src=c,tag=main,digest=\(digest)")
                == .layout("c", tag: "main", digest: digest)
        )
        #expect(try CacheImport(argument: "\"type=local\",\"src=/a,b\"") == .layout("/a,b", tag: nil, digest: nil))
        let image = CacheImport.image(try ImageReference("app:latest"))
        #expect(try CacheImport(argument: "type=registry,ref=app") == image)
        #expect(try CacheImport(argument: "app") == image)
    }

    @Test func exportsAreRead() throws {
        func layout(_ mode: CacheExport.Mode, tag: String = "latest", reset: Bool = false) -> CacheExport {
            .layout("/c", tag: tag, mode: mode, reset: reset, ignoresErrors: false)
        }
        #expect(try CacheExport(argument: "type=local,dest=/c") == layout(.min))
        #expect(
            try CacheExport(argument: "type=local,mode=max,dest=/c,reset=true,tag=x")
                == layout(.max, tag: "x", reset: true)
        )
        #expect(try CacheExport(argument: "type=inline") == .inline)
        let name = try ImageReference("h:5000/app:cache")
        #expect(
            try CacheExport(argument: "type=registry,ref=h:5000/app:cache,mode=max,compression=zstd")
                == .registry(name, form: LayerForm(.zstd), mode: .max, ignoresErrors: false)
        )
        #expect(
            try CacheExport(argument: "h:5000/app:cache")
                == .registry(name, form: .gzip, mode: .min, ignoresErrors: false)
        )
    }

    @Test(arguments: [
        ("type=gha", "cache type \"gha\" is not supported"), ("type=s3,bucket=b", "cache type \"s3\" is not supported"),
        ("type=azblob", "cache type \"azblob\" is not supported"), ("type=local", "needs dest=DIR"),
        ("dest=/c", "type required"), ("type=local,dest=/c,mode=all", "mode=all"),
        ("type=local,dest=/c,moed=max", "has no option \"moed\""), ("type=inline,mode=max", "only supports mode=min"),
        ("type=registry", "needs ref=IMAGE"), ("type=registry,ref=x,compression=lz4", "compression=lz4"),
        ("type=registry,ref=x,compression-level=99", "level 99"), ("type=registry,ref=x,tag=y", "has no option \"tag\""),
        ("type=local,dest=/c,reset=maybe", "true or false"), ("type=local,dest", "invalid value dest"),
        ("type=local,dest=/c,compression=gzip", "compression=gzip"), ("", "EOF"),
    ])
    func wrongExportsAreRefused(argument: String, message: String) {
        let failure = #expect(throws: PlainFailure.self) { try CacheExport(argument: argument) }
        #expect(failure?.description.contains(message) == true, "\(failure?.description ?? "")")
    }

    @Test(arguments: [
        ("type=gha", "not supported"), ("type=local,src=/c,digest=x", "invalid digest"),
        ("type=local", "needs src=DIR"),
        ("type=registry", "needs ref=IMAGE"), ("type=registry,ref=UP", "must be lowercase"),
    ])
    func wrongImportsAreRefused(argument: String, message: String) {
        let failure = #expect(throws: PlainFailure.self) { try CacheImport(argument: argument) }
        #expect(failure?.description.contains(message) == true, "\(failure?.description ?? "")")
    }
}
