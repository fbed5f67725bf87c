import ContainerManagement
import Reporting
import Testing

/// `-v`, `--mount` and `--tmpfs`, compared with Docker's answers.
@Suite struct MountGrammarTests {
    @Test(arguments: [
        (
            "/a:b",
            "invalid volume specification: '/a:b': invalid mount config for type \"bind\": invalid mount path: 'b' "
                + "mount path must be absolute"
        ),
        (
            "/a:/",
            "invalid volume specification: '/a:/': invalid mount config for type \"bind\": invalid specification: "
                + "destination can't be '/'"
        ),
        ("/a:/b:xx", "invalid mode: xx"), ("/a:/b:ro,rw", "invalid mode: ro,rw"),
        (
            "/a:/b:",
            "invalid spec: /a:/b:: "
                + "empty section between colons"
        ),
        ("/a:/b:c:d", "invalid volume specification: '/a:/b:c:d'"),
        (":/b", "invalid spec: :/b: empty section between colons"),
        (
            "a:/b:rshared",
            "invalid volume specification: 'a:/b:rshared': invalid mount config for type \"volume\": "
                + "field BindOptions must not be specified"
        ),
        (
            "a/b:/c",
            "create a/b: \"a/b\" includes invalid characters for a local volume name, only "
                + "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
        ),
    ]) func shortIsRefused(_ text: String, _ message: String) {
        let failure = #expect(throws: PlainFailure.self) { try MountRequest(volume: text) }
        #expect(failure?.description == message)
    }

    @Test(arguments: [
        (
            "type=bind,source=rel,target=/b",
            "invalid mount config for type \"bind\": invalid mount path: 'rel' mount path "
                + "must be absolute"
        ),
        ("type=bind,source=/tmp", "target is required"),
        ("type=bind,target=/tmp", "invalid mount config for type \"bind\": field Source must not be empty"),
        ("type=foo,source=/tmp,target=/b", "invalid mount config for type \"foo\": mount type unknown"),
        (
            "type=tmpfs,source=/tmp,target=/b",
            "invalid mount config for type \"tmpfs\": field Source must not be specified"
        ),
        ("type=tmpfs,target=/b,bind-propagation=rslave", "cannot mix 'bind-*' options with mount type 'tmpfs'"),
        (
            "type=bind,source=/tmp,target=/b,bind-propagation=foo",
            "invalid mount config for type \"bind\": invalid "
                + "propagation mode: foo"
        ),
        ("source=/tmp,target=/b,foo=1", "unexpected key 'foo' in 'foo=1'"),
        ("type=bind,foo", "invalid field 'foo' must be a key=value pair"),
        ("type=tmpfs,target=/b,tmpfs-mode=9", "invalid value for tmpfs-mode: 9"),
    ]) func longIsRefused(_ text: String, _ message: String) {
        let failure = #expect(throws: PlainFailure.self) { try MountRequest(mount: text) }
        #expect(failure?.description == message)
    }

    @Test(arguments: [
        ("rel", "invalid mount path: 'rel' mount path must be absolute"),
        ("/", "invalid specification: destination can't be '/'"), ("/x:foo=1", "invalid tmpfs option [\"foo\" \"1\"]"),
    ]) func tmpfsIsRefused(_ text: String, _ message: String) {
        let failure = #expect(throws: PlainFailure.self) { try MountRequest(tmpfs: text) }
        #expect(failure?.description == message)
    }

    @Test func shortForms() throws {
        let bind = try MountRequest(volume: "/a:/b:ro,Z,rslave")
        #expect(bind.kind == .bind && bind.readOnly && bind.propagation == "rslave" && bind.makesSource)
        #expect(bind.mode == "ro,Z,rslave")
        let named = try MountRequest(volume: "name:/b:nocopy")
        #expect(named.kind == .volume && named.source == "name" && named.withoutCopy && !named.makesSource)
        let anonymous = try MountRequest(volume: "/b")
        #expect(anonymous.kind == .volume && anonymous.source == nil && anonymous.target == "/b")
    }

    @Test func longForms() throws {
        let bind = try MountRequest(mount: "type=bind,src=/a,dst=/b,ro")
        #expect(bind.kind == .bind && bind.readOnly && !bind.makesSource && !bind.isShort)
        #expect(try MountRequest(mount: "type=bind,\"src=/a,b\",dst=/b,readonly=false").source == "/a,b")
        let tmpfs = try MountRequest(mount: "type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770")
        #expect(tmpfs.tmpfsOptions == ["mode=1770", "size=1048576"])
        let volume = try MountRequest(mount: "target=/v,volume-nocopy,volume-label=a=b")
        #expect(volume.kind == .volume && volume.withoutCopy && volume.volumeLabels == ["a": "b"])
        #expect(try MountRequest(mount: "src=data,dst=/v,volume-subpath=").subpath == nil)
        #expect(try MountRequest(mount: "type=bind,src=/a,dst=/b,bind-recursive=disabled").isNonRecursive)
    }

    @Test(arguments: [
        ("a", "a"), ("a/b/", "a/b"), ("./a/../b", "b"), ("a..b/..c", "a..b/..c"), (".", nil), ("a/..", nil),
    ]) func partsOfVolumes(_ path: String, _ cleaned: String?) throws {
        let request = try MountRequest(mount: "src=data,dst=/v,volume-subpath=\(path)")
        let points = try MountPoint.plan([request], volumes: [], volumePath: { "/volumes/\($0)" }, anonymousName: { "" })
        let point = try #require(points.first)
        #expect(point.subpath == cleaned && point.source == "/volumes/data" && point.copiesUp == (cleaned == nil))
        #expect(point.content == (["/volumes/data"] + [cleaned].compactMap(\.self)).joined(separator: "/"))
        #expect(point.confinement == (cleaned == nil ? nil : "/volumes/data"))
    }

    @Test(arguments: ["/a", "..", "../a", "a/../..", "./../a", "a/../../data", "/"])
    func pathsOutsideOfVolumes(_ path: String) {
        #expect(throws: PlainFailure.self) { try MountRequest(mount: "src=data,dst=/v,volume-subpath=\(path)") }
    }

    @Test(arguments: [
        ("1024", 1024), ("64m", 67_108_864), ("1.5k", 1536), ("2GiB", 2_147_483_648), ("10kb", 10240), ("x", -1),
        ("", -1),
        ("-1", -1), ("9999999999g", -1), ("1e3", 1000),
    ]) func sizes(_ text: String, _ bytes: Int64) { #expect(ByteSize.parse(text) ?? -1 == bytes) }
}
