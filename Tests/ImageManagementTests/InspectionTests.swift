import OCISpec
import SocleTesting
import Testing

@testable import ImageManagement

/// `inspect` and `history` against what Docker said about the same configs.
struct InspectionTests {
    /// An image of a config that Docker wrote.
    static func image(_ name: String, names: [String]) throws -> Image {
        let bytes = try #require(try Golden.bytes("inspect/\(name)/config.json"))
        let config = try Document<ImageConfig>(bytes: bytes, mediaType: .ociConfig)
        let layers = config.value.rootfs.diffIDs.map { Descriptor(mediaType: .ociLayer, digest: $0, size: 10_240) }
        let manifest = try Document(
            encoding: ImageManifest(config: config.descriptor, layers: layers),
            mediaType: .ociManifest
        )
        return Image(manifest: manifest, config: config, names: try names.map { try ImageReference($0) })
    }

    @Test(arguments: [
        ("built", ["images-b:2", "images-b:latest"], 10_244 as Int64), ("imported", ["images-d:2"], 4),
    ])
    func saysWhatDockerSays(_ name: String, _ names: [String], _ size: Int64) throws {
        let expected = try #require(try Golden.bytes("inspect/\(name)/inspect.json"))
        guard case .object(var theirs)? = try JSONValue(parsing: expected).elements?.first else {
            Issue.record("no object")
            return
        }
        let tagged = try Timestamp(try #require(theirs["Metadata"]?["LastTagTime"]?.text))
        let value = try DockerInspection(
            image: try Self.image(name, names: names),
            parent: nil,
            size: size,
            trees: ["/t/2", "/t/1", "/t/0"],
            lastTagged: tagged.isZero ? nil : tagged
        ).value()
        // Where the layers lie is each engine's own.
        theirs["GraphDriver"] = [
            "Data": ["LowerDir": "/t/1:/t/0", "UpperDir": "/t/2"], "Name": "overlay2",
        ]
        #expect(value.serialized(indent: 4) == JSONValue.object(theirs).serialized(indent: 4))
    }

    @Test func historyIsNewestFirst() throws {
        let image = try Self.image("built", names: ["images-b:2"])
        let rows = HistoryRow.rows(of: image, sizes: [4, 0, 10_240])
        #expect(rows.map(\.size) == [0, 0, 10_240, 0, 4])
        #expect(rows.map { $0.id != nil } == [true, false, false, false, false])
        #expect(rows[0].tags.map(\.familiar) == ["images-b:2"])
        #expect(rows[4].comment == "msg")
        #expect(rows[3].createdBy == "/bin/sh -c #(nop)  LABEL a=b")
        #expect(rows[0].created?.text == image.config.value.created)
    }

    @Test func historyOfTooManyStepsDoesNotTrap() throws {
        #expect(HistoryRow.rows(of: try Self.image("built", names: []), sizes: [1]).map(\.size) == [0, 0, 0, 0, 1])
    }

    @Test func chainIDsAreDockers() throws {
        // `docker rmi` of this image printed the second of these.
        let image = try Self.image("built", names: [])
        #expect(image.chainIDs[0] == image.config.value.rootfs.diffIDs[0])
        #expect(
            image.chainIDs[1].description == "sha256:fbbce5acbdd03e645eef4fa7f510e41d04d7bf2707d2d73d0c9cb0327ff27cc9"
        )
        #expect(
            image.chainIDs[2].description == "sha256:f83f667e153401cad5b9af843eea4ddd4caa03b9e3ab0a431edbaee0605b0389"
        )
    }
}
