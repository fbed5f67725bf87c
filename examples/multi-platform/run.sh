#!/bin/sh
set -eu
mkdir -p bin
clang --target=x86_64-linux-gnu -Os -nostdlib -static -fuse-ld=lld -o bin/hello-amd64 hello.c
clang --target=aarch64-linux-gnu -Os -nostdlib -static -fuse-ld=lld -o bin/hello-arm64 hello.c
socle build --platform linux/amd64,linux/arm64 -t example/multi-platform -o type=oci,dest=image.tar .
python3 - image.tar <<'P'
import json, sys, tarfile
archive = tarfile.open(sys.argv[1])
read = lambda digest: json.load(archive.extractfile("blobs/" + digest.replace(":", "/")))
top = json.load(archive.extractfile("index.json"))["manifests"][0]
for image in read(top["digest"])["manifests"]:
    config = read(read(image["digest"])["config"]["digest"])
    print(image["platform"]["os"], image["platform"]["architecture"], config["config"]["Labels"])
P
socle load -i image.tar >/dev/null
socle run --rm example/multi-platform
