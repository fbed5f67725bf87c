import SocleTesting
import SystemPackage
import Testing

/// Archives that are broken or mean harm: a clear error or a harmless image, and nothing left or touched outside.
@Suite(.requires(.all(.root, .overlay, .tool("python3"), Fixture.busybox)), .serialized)
struct HostileArchiveTests {
    /// A script of Python that has `member(name, …)` for archives that no archiver would make.
    private static let maker = #"""
        import io, os, sys, tarfile, gzip, json, hashlib, struct
        def archive(*members, end=True, format=tarfile.GNU_FORMAT):
            out = b""
            for entry, data in members:
                out += entry.tobuf(format) + data + b"\0" * (-len(data) % 512)
            return out + (b"\0" * 1024 if end else b"")
        def member(name, data=b"", type=tarfile.REGTYPE, link="", mode=0o644):
            entry = tarfile.TarInfo(name); entry.size = len(data); entry.type = type; entry.linkname = link; entry.mode = mode
            return entry, data
        def busybox():
            with open("root/bin/busybox", "rb") as file: return member("bin/busybox", file.read(), mode=0o755)
        def folder(name): return member(name, type=tarfile.DIRTYPE, mode=0o755)
        def link(name, to): return member(name, type=tarfile.SYMTYPE, link=to)
        def hard(name, to): return member(name, type=tarfile.LNKTYPE, link=to)
        def write(name, data):
            with open(name, "wb") as file: file.write(data)
        """# + "\n"

    private func prepared(_ script: String) throws -> Socle {
        let socle = try Socle()
        _ = try Fixture.busyboxRoot(in: socle.work)
        try socle.write(["canary": ["file": "untouched\n"]])
        try socle.python(Self.maker + script).succeeding()
        return socle
    }

    /// Expects `import` to fail with status 1, a word of why, and nothing left.
    private func expectRefused(
        _ socle: borrowing Socle,
        _ archive: String,
        _ word: String,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let result = try socle.run(["import", archive, "bad"])
        #expect(result.status == 1, "\(archive)", sourceLocation: location)
        #expect(
            result.errorText.lowercased().contains(word),
            "\(archive): \(result.errorText)",
            sourceLocation: location
        )
        #expect(result.errorText.hasPrefix("Error: ") && result.text == "", "\(archive)", sourceLocation: location)
        #expect(try socle.output("images", "-q") == "", sourceLocation: location)
    }

    @Test func brokenArchivesAreRefused() throws {
        let socle = try prepared(
            #"""
            whole = open("busybox.tar", "rb").read()
            write("cut-body", whole[:600000])
            write("cut-header", archive(member("a", b"x" * 512), end=False) + whole[:300])
            flipped = bytearray(archive(member("a", b"x"), member("b", b"y"))); flipped[1024 + 10] ^= 1
            write("checksum", flipped)
            packed = gzip.compress(whole, 1)
            write("cut.gz", packed[:len(packed) // 2])
            bad = bytearray(packed); bad[len(bad) // 2] ^= 0xff
            write("bad.gz", bad)
            crc = bytearray(packed); crc[-6] ^= 0xff
            write("crc.gz", crc)
            entry, _ = member("huge"); entry.size = 1 << 62
            write("huge", entry.tobuf(tarfile.GNU_FORMAT) + b"x" * 2000)
            """#
        )
        for compressor in ["bzip2", "xz -0", "zstd -q"] {
            let name = compressor.split(separator: " ")[0]
            try socle.shell(
                "\(compressor) < busybox.tar > whole; head -c $(($(stat -c %s whole) / 2)) whole > cut.\(name)"
            ).succeeding()
            try expectRefused(socle, "cut.\(name)", "unexpected")
        }
        for (name, word) in [
            ("cut-body", "unexpected"), ("cut-header", "unexpected"), ("checksum", "checksum"),
            ("cut.gz", "unexpected"),
            ("bad.gz", "gzip"), ("crc.gz", "gzip"), ("huge", ""),
        ] {
            try expectRefused(socle, name, word)
        }
        try socle.expectNothingLeft()
        #expect(try socle.shell("ls $SOCLE_ROOT/blobs/sha256 | wc -l").succeeding() == "0")
    }

    @Test func numbersBeyondReasonAreRefused() throws {
        let socle = try prepared(
            #"""
            import zlib
            # A PAX header that says it is a gigabyte, and is.
            entry, _ = member("pax", type=tarfile.XHDTYPE); entry.size = 1 << 30
            with open("pax", "wb") as file:
                file.write(entry.tobuf(tarfile.USTAR_FORMAT)); file.seek((1 << 30) - 1, 1); file.write(b"\0")
                file.write(archive(member("a", b"x")))
            # A GNU long name of 100 MB.
            entry, _ = member("././@LongLink", type=b"L"); entry.size = 100 << 20
            with open("long", "wb") as file:
                file.write(entry.tobuf(tarfile.GNU_FORMAT)); file.seek((100 << 20) - 1, 1); file.write(b"\0")
                file.write(archive(member("a", b"x")))
            write("name", archive(member("/".join(["n" * 99] * 50), b"x")))
            write("component", archive(member("n" * 5000, b"x")))
            """#
        )
        for name in ["pax", "long", "name", "component"] {
            let archive = "ulimit -v 4000000; /usr/bin/env python3 -c '\(Self.measure)' import \(name) bad"
            let result = try socle.shell(archive)
            let lines = result.text.split(separator: "\n")
            #expect(lines.first == "1", "\(name): \(result.text) \(result.errorText)")
            #expect(lines.last.flatMap { Int($0) }.map { $0 < 100_000 } == true, "\(name): \(lines) KB")
        }
        try socle.expectNothingLeft()
    }

    /// Runs socle; prints its status, its error and its largest size in KB.
    private static let measure = """
        import os, resource, subprocess, sys
        result = subprocess.run([os.environ["SOCLE"], *sys.argv[1:]], capture_output=True, text=True)
        print(result.returncode, result.stderr.strip()[:200], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, sep="\\n")
        """

    @Test func bombsNeitherFillMemoryNorDisk() throws {
        let socle = try prepared("")
        try socle.shell(
            """
            set -e
            # Two gigabytes of nothing, well packed: tar by itself, in gzip, in gzip in gzip.
            truncate -s 2G zeros; tar -cf - --sparse-version=1.0 zeros 2>/dev/null | gzip -1 > bomb.gz
            tar -cf - zeros | zstd -q -3 --long=27 > bomb.zst
            gzip -1 < bomb.gz > twice.gz
            rm zeros
            """
        ).succeeding()
        for name in ["bomb.gz", "bomb.zst", "twice.gz"] {
            let result = try socle.shell("python3 -c '\(Self.measure)' import \(name) bad")
            let lines = result.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            #expect(lines.last.flatMap { Int($0) }.map { $0 < 200_000 } == true, "\(name): \(lines) KB")
            let size = try socle.shell("du -s --block-size=1M $SOCLE_ROOT | cut -f1").succeeding()
            #expect(Int(size).map { $0 < 300 } == true, "\(name): \(size) MB")
            try socle.shell("socle rmi -f bad >&2; true").succeeding()
        }
        try socle.expectNothingLeft()
    }

    @Test func namesThatLeadOutsideStayInside() throws {
        let socle = try prepared(
            #"""
            canary = os.path.abspath("canary")
            write("parent", archive(busybox(), member("../" * 30 + canary[1:] + "/file", b"hit")))
            write("absolute", archive(busybox(), member(canary + "/file", b"hit"), member("/top", b"x")))
            write("through", archive(busybox(), link("out", canary), member("out/file", b"hit"), member("out/new", b"hit")))
            write("deep", archive(busybox(), link("a", ".."), link("a/b", ".."), link("c", "a/../../../../../.." + canary), member("c/file", b"hit")))
            write("hardlink", archive(busybox(), hard("stolen", canary + "/file"), member("stolen", b"hit")))
            write("hardlink-up", archive(busybox(), hard("stolen", "../" * 30 + canary[1:] + "/file")))
            write("hardlink-through", archive(busybox(), link("out", canary), hard("stolen", "out/file")))
            write("replaced", archive(busybox(), folder("d"), link("d", canary), member("d/file", b"hit")))
            write("folder-over-link", archive(busybox(), link("d", canary), folder("d/"), member("d/new", b"hit")))
            write("whiteout", archive(busybox(), link("out", canary), member("out/.wh.file")))
            write("opaque", archive(busybox(), link("out", canary), member("out/.wh..wh..opq")))
            write("whiteout-up", archive(busybox(), member("a/.wh.."), member("../" * 30 + canary[1:] + "/.wh.file")))
            write("whiteout-of-all", archive(busybox(), member(".wh..")))
            write("whiteout-nothing", archive(busybox(), member(".wh.")))
            """#
        )
        let archives = [
            "parent", "absolute", "through", "deep", "hardlink", "hardlink-up", "hardlink-through", "replaced",
            "folder-over-link",
            "whiteout", "opaque", "whiteout-up", "whiteout-of-all", "whiteout-nothing",
        ]
        for archive in archives {
            // Refused with a word, or taken and then harmless when it is unpacked.
            let imported = try socle.run(["import", archive, "image"])
            if imported.status == 0 {
                let ran = try socle.run(["run", "--rm", "image", "/bin/busybox", "echo", "ran"])
                #expect(
                    ran.text == "ran\n" || (ran.status == 125 && ran.errorText.hasPrefix("socle: ")),
                    "\(archive): \(ran.errorText)"
                )
                try socle.output("rmi", "-f", "image")
            } else {
                #expect(
                    imported.status == 1 && imported.errorText.hasPrefix("Error: "),
                    "\(archive): \(imported.errorText)"
                )
            }
            // ADD unpacks the same archive.
            try socle.write(["Dockerfile": .file(Array("FROM scratch\nADD \(archive) /\n".utf8))])
            let built = try socle.run(["build", "-q", "-t", "image", "."])
            if built.status == 0 {
                _ = try socle.run(["run", "--rm", "image", "/bin/busybox", "true"])
                try socle.output("rmi", "-f", "image")
            } else {
                #expect(built.status == 1 && built.errorText.contains("ERROR: "), "\(archive): \(built.errorText)")
            }
            let canary = try socle.shell("ls -A canary; cat canary/file; stat -c %h canary/file").succeeding()
            #expect(canary == "file\nuntouched\n1", "\(archive)")
        }
        try socle.expectNothingLeft()
        #expect(try socle.output("system", "check").contains("all sound"))
    }

    @Test func hostileImageArchivesAreRefused() throws {
        let socle = try prepared(
            #"""
            def digest(data): return hashlib.sha256(data).hexdigest()
            layer = archive(member("file", b"x"))
            def config(layers=None): return json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest(l) for l in (layers or [layer])]}}).encode()
            def save(name, manifest, **files):
                members = [member("manifest.json", json.dumps(manifest).encode() if not isinstance(manifest, bytes) else manifest)]
                write(name, archive(*members, *[member(path, data) for path, data in files.items()]))
            good = {"Config": "c.json", "RepoTags": ["bad:1"], "Layers": ["layer.tar"]}
            both = {"c.json": config(), "layer.tar": layer}
            save("good", [good], **both)
            save("other-layer", [good], **{**both, "layer.tar": archive(member("file", b"y"))})
            save("no-layer", [good], **{"c.json": config()})
            save("no-config", [good], **{"layer.tar": layer})
            save("fewer-layers", [{**good, "Layers": []}], **both)
            save("outside", [{**good, "Config": "../../../../etc/passwd"}], **both)
            save("absolute", [{**good, "Layers": ["/etc/passwd"]}], **both)
            save("not-json", b"[{", **both)
            save("deep-json", b"[" * 100000, **both)
            save("other-json", {"a": 1}, **both)
            save("nothing", [], **both)
            save("bad-tag", [{**good, "RepoTags": ["UPPER:1"]}], **both)
            save("scratch-tag", [{**good, "RepoTags": ["scratch:1"]}], **both)
            save("broken-layer", [good], **{"c.json": config([b"x" * 700]), "layer.tar": b"x" * 700})
            write("linked", archive(link("manifest.json", "/etc/passwd"), *[member(p, d) for p, d in both.items()]))
            write("cut", open("good", "rb").read()[:2000])
            def layout(name, manifest=None, layer_digest=None, index=None):
                blobs = {digest(layer): layer, digest(config()): config()}
                manifest = manifest or json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:" + digest(config()), "size": len(config())},
                    "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": "sha256:" + (layer_digest or digest(layer)), "size": len(layer)}]}).encode()
                index = index or {"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + digest(manifest), "size": len(manifest)}]}
                blobs[digest(manifest)] = manifest
                write(name, archive(member("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), member("index.json", json.dumps(index).encode()),
                    *[member("blobs/sha256/" + d, b) for d, b in blobs.items()]))
            layout("oci-good")
            layout("oci-missing", layer_digest="0" * 64)
            layout("oci-path", layer_digest="../../../../etc/passwd")
            layout("oci-size", index={"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + "1" * 64, "size": 10}]})
            changed = bytearray(open("oci-good", "rb").read()); changed[changed.find(b'"rootfs"') + 1] = ord("R")
            write("oci-changed", changed)
            """#
        )
        for name in [
            "other-layer", "no-layer", "no-config", "fewer-layers", "outside", "absolute", "not-json", "deep-json",
            "other-json",
            "nothing", "bad-tag", "scratch-tag", "broken-layer", "linked", "cut", "oci-missing", "oci-path", "oci-size",
            "oci-changed",
        ] {
            let result = try socle.run(["load", "-i", name])
            #expect(result.status == 1, "\(name): \(result.text)")
            #expect(result.errorText.hasPrefix("Error: ") && result.text == "", "\(name): \(result.errorText)")
            #expect(try socle.output("images", "-q") == "", "\(name)")
        }
        try socle.expectNothingLeft()
        #expect(try socle.shell("ls $SOCLE_ROOT/blobs/sha256 | wc -l").succeeding() == "0")
        // The maker's archives are right where nothing was made wrong on purpose.
        #expect(try socle.output("load", "-i", "good") == "Loaded image: bad:1")
        #expect(try socle.output("load", "-q", "-i", "oci-good").hasPrefix("Loaded image ID: sha256:"))
    }
}
