/// What the distribution specification wants of a registry, as a table of requests and answers in the order of its
/// conformance suite: pull, push, content discovery, content management.
enum RegistryConformance {
    /// Takes the registry's host and port; prints a line for each case, which begins with `ok` or with `not ok`.
    static let script = #"""
        import hashlib, http.client, json, os, sys, io, tarfile, gzip

        host = sys.argv[1]
        connection = http.client.HTTPConnection(host)

        class Answer:
            def __init__(self, response, body):
                self.status, self.body, self.fields = response.status, body, response.headers
            def field(self, name): return self.fields.get(name)
            def json(self): return json.loads(self.body)
            def code(self): return self.json()["errors"][0]["code"]

        def call(method, path, body=None, **fields):
            fields = {name.replace("_", "-"): value for name, value in fields.items()}
            connection.request(method, path, body=body, headers=fields)
            response = connection.getresponse()
            return Answer(response, response.read())

        def digest(data): return "sha256:" + hashlib.sha256(data).hexdigest()
        def with_query(path, query): return path + ("&" if "?" in path else "?") + query

        part = ""
        def check(name, condition, *shown):
            print(("ok " if condition else "not ok ") + part + ": " + name, *([] if condition else shown))

        def push(name, data):
            answer = call("POST", f"/v2/{name}/blobs/uploads/?digest={digest(data)}", data)
            assert answer.status == 201, answer.body
            return {"digest": digest(data), "size": len(data)}

        def layer(text):
            plain = io.BytesIO()
            with tarfile.open(fileobj=plain, mode="w") as tar:
                member = tarfile.TarInfo("file"); member.size = len(text)
                tar.addfile(member, io.BytesIO(text))
            return plain.getvalue(), gzip.compress(plain.getvalue(), mtime=0)

        MANIFEST = "application/vnd.oci.image.manifest.v1+json"
        INDEX = "application/vnd.oci.image.index.v1+json"
        CONFIG = "application/vnd.oci.image.config.v1+json"
        LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
        EMPTY = "application/vnd.oci.empty.v1+json"

        def image(name, text, architecture="amd64", **more):
            plain, packed = layer(text)
            config = json.dumps({"architecture": architecture, "os": "linux",
                                 "rootfs": {"type": "layers", "diff_ids": [digest(plain)]}}).encode()
            document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": dict(push(name, config), mediaType=CONFIG),
                        "layers": [dict(push(name, packed), mediaType=LAYER)]}
            document.update(more)
            return json.dumps(document).encode(), config, packed

        def artifact(name, kind, **more):
            document = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": kind,
                        "config": dict(push(name, b"{}"), mediaType=EMPTY),
                        "layers": [dict(push(name, os.urandom(64)), mediaType="application/octet-stream")]}
            document.update(more)
            return json.dumps(document).encode()

        def put(name, reference, document, kind=MANIFEST):
            return call("PUT", f"/v2/{name}/manifests/{reference}", document, Content_Type=kind)

        def described(document, kind=MANIFEST):
            return {"mediaType": kind, "digest": digest(document), "size": len(document)}

        name, other = "conformance/one", "conformance/two"

        # Push
        part = "Push / Blob Upload Streamed"
        blob = os.urandom(200_000)
        start = call("POST", f"/v2/{name}/blobs/uploads/")
        check("POST yields a session", start.status == 202 and start.field("Location"), start.status)
        patch = call("PATCH", start.field("Location"), iter([blob[:70_000], blob[70_000:]]), Content_Type="application/octet-stream")
        check("PATCH with the blob yields 202", patch.status == 202 and patch.field("Range") == "0-199999", patch.status)
        end = call("PUT", with_query(patch.field("Location"), "digest=" + digest(blob)))
        check("PUT with the digest yields 201", end.status == 201 and end.field("Location"), end.status)
        check("its Location has the blob", call("GET", end.field("Location")).body == blob)

        part = "Push / Blob Upload Monolithic"
        check("GET of a nonexistent blob yields 404", call("GET", f"/v2/{name}/blobs/{digest(b'none')}").status == 404)
        answer = call("POST", f"/v2/{name}/blobs/uploads/?digest={digest(b'one')}", b"one")
        check("POST with digest and blob yields 201", answer.status == 201 and answer.field("Location"), answer.status)
        check("GET of it yields 200", call("GET", answer.field("Location")).body == b"one")
        start = call("POST", f"/v2/{name}/blobs/uploads/")
        end = call("PUT", with_query(start.field("Location"), "digest=" + digest(b"two")), b"two")
        check("PUT of the whole yields 201", end.status == 201, end.status)
        check("HEAD of it has its length", call("HEAD", f"/v2/{name}/blobs/{digest(b'two')}").field("Content-Length") == "3")
        empty = call("POST", f"/v2/{name}/blobs/uploads/?digest={digest(b'')}", b"")
        check("the empty blob is one too", empty.status == 201 and call("GET", empty.field("Location")).body == b"")
        wrong = call("POST", f"/v2/{name}/blobs/uploads/?digest={digest(b'x')}", b"y")
        check("another digest yields 400", wrong.status == 400 and wrong.code() == "DIGEST_INVALID", wrong.status)

        part = "Push / Blob Upload Chunked"
        start = call("POST", f"/v2/{name}/blobs/uploads/", Content_Length="0")
        place = start.field("Location")
        chunk = call("PATCH", place, blob[100:200], Content_Range="100-199")
        check("an out-of-order chunk yields 416", chunk.status == 416, chunk.status)
        chunk = call("PATCH", place, blob[:100], Content_Range="0-99")
        check("the first chunk yields 202", chunk.status == 202 and chunk.field("Range") == "0-99", chunk.status)
        again = call("PATCH", chunk.field("Location"), blob[:100], Content_Range="0-99")
        check("the same chunk again yields 416", again.status == 416, again.status)
        state = call("GET", chunk.field("Location"))
        check("GET tells the state", state.status == 204 and state.field("Range") == "0-99" and state.field("Location"))
        end = call("PUT", with_query(state.field("Location"), "digest=" + digest(blob[:250])), blob[100:250], Content_Range="100-249")
        check("PUT with the last chunk yields 201", end.status == 201, end.status, end.body)
        start = call("POST", f"/v2/{name}/blobs/uploads/")
        check("DELETE ends a session", call("DELETE", start.field("Location")).status == 204)
        gone = call("GET", start.field("Location"))
        check("an ended session is unknown", gone.status == 404 and gone.code() == "BLOB_UPLOAD_UNKNOWN", gone.status)

        part = "Push / Cross-Repository Blob Mount"
        answer = call("POST", f"/v2/{other}/blobs/uploads/?mount={digest(blob)}&from={name}")
        check("a blob that is there is mounted", answer.status == 201, answer.status)
        check("and can be read", call("GET", answer.field("Location")).body == blob)
        answer = call("POST", f"/v2/{other}/blobs/uploads/?mount={digest(b'none')}&from={name}")
        check("one that isn't begins an upload", answer.status == 202 and "/uploads/" in answer.field("Location"), answer.status)
        answer = call("POST", f"/v2/{other}/blobs/uploads/?mount={digest(b'one')}")
        check("without a source too", answer.status in (201, 202), answer.status)

        part = "Push / Manifest Upload"
        missing = call("GET", f"/v2/{name}/manifests/.INVALID_MANIFEST_NAME")
        check("GET of a nonexistent manifest yields 404 or 400", missing.status in (400, 404), missing.status)
        document, config, packed = image(name, b"first")
        for tag in ["test0", "test1", "test2", "test3"]:
            answer = put(name, tag, document)
            check(f"PUT yields 201 ({tag})", answer.status == 201 and answer.field("Location"), answer.status, answer.body)
            check("and tells the digest", answer.field("Docker-Content-Digest") == digest(document))
        check("GET by digest yields 200", call("GET", f"/v2/{name}/manifests/{digest(document)}", Accept=MANIFEST).body == document)
        wrong = put(name, digest(b"other"), document)
        check("another digest yields 400", wrong.status == 400 and wrong.code() == "DIGEST_INVALID", wrong.status)
        lacking = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
                              "config": {"mediaType": CONFIG, "digest": digest(b"none"), "size": 4}}).encode()
        wrong = put(name, "lacking", lacking)
        check("a manifest without its blobs is refused", wrong.code() == "MANIFEST_BLOB_UNKNOWN", wrong.status)
        wrong = put(name, "broken", b"blablabla")
        check("what is no manifest is refused", wrong.status == 400 and wrong.code() == "MANIFEST_INVALID", wrong.status)
        large, _, _ = image(name, b"large", annotations={f"large-{i}": "A" * 10_000 for i in range(390)})
        check("a large manifest is taken", put(name, "large", large).status == 201)
        check("and given", call("GET", f"/v2/{name}/manifests/large").body == large)
        too_large = call("PUT", f"/v2/{name}/manifests/big", b" " * ((4 << 20) + 1), Content_Type=MANIFEST)
        check("one beyond the limit yields 413", too_large.status == 413, too_large.status)

        part = "Push / Data"
        for kind, variant in [("no layers", {"layers": []}), ("custom fields", {"org.example.custom": "value"})]:
            document2, _, _ = image(name, kind.encode(), **variant)
            check(f"image with {kind}", put(name, "data", document2).status == 201)
        foreign, _, _ = image(name, b"foreign")
        foreign = json.loads(foreign)
        foreign["layers"].append({"mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                                  "digest": digest(b"elsewhere"), "size": 9, "urls": ["https://store.example.com/x"]})
        check("image with a layer from elsewhere", put(name, "foreign", json.dumps(foreign).encode()).status == 201)
        children = []
        for architecture in ["amd64", "arm64"]:
            child, _, _ = image(name, architecture.encode(), architecture)
            check(f"child for {architecture} by digest", put(name, digest(child), child).status == 201)
            children.append(dict(described(child), platform={"os": "linux", "architecture": architecture}))
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": children}).encode()
        check("index", put(name, "index", index, INDEX).status == 201)
        check("index comes as one", call("HEAD", f"/v2/{name}/manifests/index").field("Content-Type") == INDEX)
        nested = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [described(index, INDEX)]}).encode()
        check("index of an index", put(name, "nested", nested, INDEX).status == 201)
        hollow = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).encode()
        check("empty index", put(name, "hollow", hollow, INDEX).status == 201)
        orphan = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [described(b"none")]}).encode()
        check("index of nothing known is refused", put(name, "orphan", orphan, INDEX).code() == "MANIFEST_BLOB_UNKNOWN")

        # Pull
        part = "Pull / Blobs"
        check("HEAD of a nonexistent blob yields 404", call("HEAD", f"/v2/{name}/blobs/{digest(b'none')}").status == 404)
        head = call("HEAD", f"/v2/{name}/blobs/{digest(packed)}")
        check("HEAD yields 200 and the digest", head.status == 200 and head.field("Docker-Content-Digest") == digest(packed))
        check("GET has the blob", call("GET", f"/v2/{name}/blobs/{digest(packed)}").body == packed)
        some = call("GET", f"/v2/{name}/blobs/{digest(blob)}", Range="bytes=10-19")
        check("GET of a part yields 206", some.status == 206 and some.body == blob[10:20], some.status)
        rest = call("GET", f"/v2/{name}/blobs/{digest(blob)}", Range="bytes=199990-")
        check("GET of the rest", rest.status == 206 and rest.field("Content-Range") == "bytes 199990-199999/200000")
        beyond = call("GET", f"/v2/{name}/blobs/{digest(blob)}", Range="bytes=200000-")
        check("GET beyond the end yields 416", beyond.status == 416, beyond.status)

        part = "Pull / Manifests"
        check("HEAD of a nonexistent manifest yields 404", call("HEAD", f"/v2/{name}/manifests/none").status == 404)
        for reference in [digest(document), "test0"]:
            head = call("HEAD", f"/v2/{name}/manifests/{reference}", Accept=MANIFEST)
            check("HEAD yields 200", head.status == 200 and head.field("Content-Length") == str(len(document)), head.status)
            got = call("GET", f"/v2/{name}/manifests/{reference}", Accept=MANIFEST)
            check("GET yields 200", got.status == 200 and got.field("Content-Type") == MANIFEST and got.body == document)

        part = "Pull / Error codes"
        unknown = call("GET", f"/v2/{name}/manifests/{digest(b'none')}")
        check("400 or 404 comes with a code", unknown.code() == "MANIFEST_UNKNOWN", unknown.body)
        check("names are looked at", call("GET", "/v2/Not_A_Name/tags/list").code() == "NAME_INVALID")
        check("digests are looked at", call("GET", f"/v2/{name}/blobs/sha256:12").code() == "DIGEST_INVALID")

        # Content Discovery
        part = "Content Discovery / Tags"
        tags = call("GET", f"/v2/{name}/tags/list").json()
        wanted = sorted(["test0", "test1", "test2", "test3", "large", "data", "foreign", "index", "nested", "hollow"])
        check("GET lists the tags in order", tags == {"name": name, "tags": wanted}, tags)
        some = call("GET", f"/v2/{name}/tags/list?n=4")
        check("n limits them", some.json()["tags"] == wanted[:4], some.body)
        link = some.field("Link")
        check("Link leads on", link and link.endswith('; rel="next"'), link)
        check("to what follows", call("GET", link.split(">")[0][1:]).json()["tags"] == wanted[4:8])
        check("last is left out", call("GET", f"/v2/{name}/tags/list?last=large&n=1").json()["tags"] == ["nested"])
        check("n=0 lists none", call("GET", f"/v2/{name}/tags/list?n=0").json()["tags"] == [])
        check("an unknown repository yields 404", call("GET", "/v2/conformance/none/tags/list").code() == "NAME_UNKNOWN")

        part = "Content Discovery / Referrers"
        subject = described(document)
        before = call("GET", f"/v2/{name}/referrers/{subject['digest']}")
        check("without any, an empty index", before.status == 200 and before.json()["manifests"] == [])
        check("it is an index", before.field("Content-Type") == INDEX)
        made = {}
        for kind in ["application/vnd.example.one", "application/vnd.example.two"]:
            one = artifact(name, kind, subject=subject, annotations={"org.example.kind": kind})
            answer = put(name, digest(one), one)
            check("PUT tells of the subject", answer.field("OCI-Subject") == subject["digest"], answer.status)
            made[kind] = one
        by_config, _, _ = image(name, b"about", subject=subject)
        check("an image may have a subject", put(name, "about", by_config).field("OCI-Subject") == subject["digest"])
        listing = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [], "subject": subject,
                              "artifactType": "application/vnd.example.list"}).encode()
        check("an index too", put(name, digest(listing), listing, INDEX).status == 201)
        entries = {entry["digest"]: entry for entry in call("GET", f"/v2/{name}/referrers/{subject['digest']}").json()["manifests"]}
        check("all are listed", len(entries) == 4, entries)
        entry = entries.get(digest(made["application/vnd.example.one"]), {})
        check("with type, size and notes", entry.get("artifactType") == "application/vnd.example.one"
              and entry.get("size") == len(made["application/vnd.example.one"])
              and entry.get("annotations") == {"org.example.kind": "application/vnd.example.one"}, entry)
        check("an image's type is its config's", entries.get(digest(by_config), {}).get("artifactType") == CONFIG)
        filtered = call("GET", f"/v2/{name}/referrers/{subject['digest']}?artifactType=application/vnd.example.two")
        check("the filter is applied, and said", filtered.field("OCI-Filters-Applied") == "artifactType"
              and [one["digest"] for one in filtered.json()["manifests"]] == [digest(made["application/vnd.example.two"])])
        early = artifact(name, "application/vnd.example.early", subject=described(b"not here yet"))
        check("a subject need not be there", put(name, "early", early).status == 201)
        check("and has referrers", len(call("GET", f"/v2/{name}/referrers/{digest(b'not here yet')}").json()["manifests"]) == 1)

        part = "Content Discovery / Catalog"
        check("repositories are listed", name in call("GET", "/v2/_catalog").json()["repositories"])
        check("n limits them", len(call("GET", "/v2/_catalog?n=1").json()["repositories"]) == 1)

        # Content Management
        part = "Content Management / Manifests"
        check("DELETE of a tag yields 202", call("DELETE", f"/v2/{name}/manifests/test0").status == 202)
        check("the tag is gone", call("GET", f"/v2/{name}/manifests/test0").status == 404)
        check("the manifest is there", call("GET", f"/v2/{name}/manifests/{digest(document)}").status == 200)
        check("DELETE by digest yields 202", call("DELETE", f"/v2/{name}/manifests/{digest(document)}").status == 202)
        check("it is gone", call("GET", f"/v2/{name}/manifests/{digest(document)}").status == 404)
        check("DELETE again yields 404", call("DELETE", f"/v2/{name}/manifests/{digest(document)}").status == 404)
        left = call("GET", f"/v2/{name}/tags/list").json()["tags"]
        check("its tags are gone", not [tag for tag in left if tag.startswith("test")], left)
        gone = made["application/vnd.example.one"]
        check("DELETE of a referrer yields 202", call("DELETE", f"/v2/{name}/manifests/{digest(gone)}").status == 202)
        check("it is listed no more", digest(gone) not in call("GET", f"/v2/{name}/referrers/{subject['digest']}").body.decode())

        part = "Content Management / Blobs"
        check("DELETE yields 202", call("DELETE", f"/v2/{name}/blobs/{digest(config)}").status == 202)
        check("it is gone", call("GET", f"/v2/{name}/blobs/{digest(config)}").status == 404)
        check("DELETE again yields 404", call("DELETE", f"/v2/{name}/blobs/{digest(config)}").status == 404)
        """#
}
