import CompressionCodecs
import ImageManagement
import OCISpec
import Reporting
import Testing

@testable import BuildOperations

/// The grammar of `--output` and `--annotation`.
struct ExportRequestTests {
    private func request(_ text: String) throws -> ExportRequest { try ExportRequest(argument: text) }

    @Test(arguments: [
        ("out", ExportRequest.Kind.local, "out"), ("./a=b", .local, "./a=b"), ("-", .tar, "-"),
        ("type=tar,dest=x.tar", .tar, "x.tar"), ("type=local,dest=a,mode=copy", .local, "a"),
        ("\"type=oci\",\"dest=a,b\"", .oci, "a,b"), ("TYPE=docker,DEST=x", .docker, "x"),
    ])
    func places(_ text: String, _ kind: ExportRequest.Kind, _ destination: String) throws {
        let request = try request(text)
        #expect(request.kind == kind)
        #expect(request.destination == destination)
    }

    @Test func whereItGoes() throws {
        #expect(try request("type=image").isStored)
        #expect(try request("type=docker").isStored)
        #expect(try !request("type=docker,dest=x").isStored)
        #expect(try request("type=oci").isFile)
        #expect(try request("type=oci,tar=false,dest=x").isFolder)
        #expect(try request("type=local,dest=x").isFolder)
        #expect(try !request("type=cacheonly").isFile)
    }

    @Test func options() throws {
        let all = try request(
            "type=image,\"name=a,b:2\",compression=zstd,compression-level=22,force-compression=true,oci-mediatypes=0,"
                + "rewrite-timestamp=1,push=false,store=true,unpack=false"
        )
        #expect(all.names.map(\.familiar) == ["a:latest", "b:2"])
        #expect(try all.form == LayerForm(.zstd, level: 22))
        #expect(all.forcesForm && all.rewritesTimestamps)
        #expect(all.usesOCITypes == false)
        #expect(try request("type=oci").form == nil)
        #expect(try request("type=oci,compression-level=1").form == LayerForm(.gzip, level: 1))
        #expect(try request("type=image,force-compression=true").form == .gzip)
        #expect(try request("type=registry").pushes)
        #expect(try request("type=image,push=true").pushes)
        #expect(try !request("type=image,push=false").pushes)
        #expect(try request("type=oci,compression=uncompressed").form == .uncompressed)
        #expect(try request("type=tar,platform-split=false").splitsPlatforms == false)
        #expect(try request("type=local,dest=x,mode=delete").removesOthers)
    }

    @Test(arguments: [
        ("dest=x,tar=1", "type is required for output"), ("type=tar,x", "invalid value x"),
        ("type=doker", "exporter \"doker\" could not be found (did you mean docker?)"),
        ("type=oci,push=true", "output of type \"oci\" has no option \"push\""),
        ("type=oci,compression=estargz", "compression \"estargz\" is not supported"),
        ("type=oci,compression=lz4", "unsupported compression type lz4"),
        ("type=oci,compression-level=x", "non-integer value x specified for compression-level"),
        ("type=oci,compression-level=10", "compression level 10 is not one of gzip"),
        ("type=oci,compression=zstd,compression-level=23", "compression level 23 is not one of zstd"),
        ("type=oci,tar=perhaps", "non-bool value specified for tar"),
        ("type=local,dest=x,name=y", "output of type \"local\" has no option \"name\""),
        ("type=tar,annotation.a=b", "output of type \"tar\" has no option \"annotation.a\""),
        ("type=image,dest=x", "output of type \"image\" has no option \"dest\""),
        ("type=local,mode=move", "invalid mode \"move\""),
        ("type=image,unpack=true", "output option \"unpack=true\" is not supported"),
        ("type=image,source-date-epoch=1", "output option \"source-date-epoch\" is not supported"),
        ("type=image,\"name=UPPER\"", "failed to parse UPPER: "),
    ])
    func refusals(_ text: String, _ message: String) {
        let error = #expect(throws: PlainFailure.self) { try request(text) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "nothing")")
    }

    @Test func annotationsOfOutputs() throws {
        let notes = try request(
            "type=oci,annotation.org.a=1,annotation-index.b=2,annotation-manifest[linux/arm64].c.D=3,"
                + "annotation-manifest-descriptor.d=4,annotation-index-descriptor.e=5,annotation[linux/amd64].f]g.h=6"
        ).annotations
        #expect(notes.map(\.place) == [.manifest, .index, .manifest, .manifestDescriptor, .indexDescriptor, .manifest])
        #expect(notes.map(\.key) == ["org.a", "b", "c.D", "d", "e", "f]g.h"])
        #expect(notes.map { $0.platform?.description } == [nil, nil, "linux/arm64", nil, nil, "linux/amd64"])
        #expect(throws: PlainFailure.self) { try request("type=oci,annotation-layer.a=1") }
        #expect(throws: PlainFailure.self) { try request("type=oci,annotation.=1") }
        #expect(throws: PlainFailure.self) { try request("type=oci,annotation[nonsense].a=1") }
    }

    @Test func annotationsOfTheFlag() throws {
        #expect(try ImageAnnotation.parse("a.b=c=d").map(\.value) == ["c=d"])
        let two = try ImageAnnotation.parse("index,manifest[linux/arm/v7]:k=v")
        #expect(two.map(\.place) == [.index, .manifest])
        #expect(two[1].platform?.description == "linux/arm/v7")
        #expect(two.notes(on: .manifest, of: try Platform(parsing: "linux/arm64")) == nil)
        #expect(two.notes(on: .manifest, of: try Platform(parsing: "linux/arm/v7")) == ["k": "v"])
        for bad in ["a", "=b", "layer:a=b", "index[linux/arm64:a=b", "manifest:=x"] {
            #expect(throws: PlainFailure.self, "\(bad)") { try ImageAnnotation.parse(bad) }
        }
    }

    @Test func theNarrowerNoteWins() throws {
        let notes = try ImageAnnotation.parse("manifest[linux/arm64]:k=narrow") + ImageAnnotation.parse("k=wide")
        #expect(notes.notes(on: .manifest, of: try Platform(parsing: "linux/arm64")) == ["k": "narrow"])
        #expect(notes.notes(on: .manifest, of: try Platform(parsing: "linux/amd64")) == ["k": "wide"])
    }
}
