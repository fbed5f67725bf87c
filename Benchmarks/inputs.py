"""What the work is done on. Large inputs are made once and kept below build/bench."""
import json, random, shutil, socket, subprocess, time
from measure import TOP, WORK, sh

FILES, FILE_BYTES, BIG_BYTES = 20_000, 10_000, 1 << 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# Where images are pulled from, and where they are pushed to.
FULL, EMPTY = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
MOVED = ("debian", "twenty")
EMPTY_DATA = WORK / "registry-empty"
# What makes a tool compress again: socle remembers which blob a layer became, podman too.
FORGET = {
    "socle": f"python3 -c \"import sqlite3; c = sqlite3.connect('{WORK}/store/socle.db'); c.execute('DELETE FROM layer_forms'); c.commit()\"; {{tool}} system prune -f",
    "podman": "rm -f /var/lib/containers/cache/blob-info-cache-v1.boltdb",
    "skopeo": "rm -f /var/lib/containers/cache/blob-info-cache-v1.boltdb",
}


def folder(name):
    path = WORK / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def debian():
    """A Debian root as a folder and as a tar, of the root that the demo made or makes."""
    tar = WORK / "bookworm.tar"
    if not tar.exists():
        root = sh(f"{TOP}/scripts/debian-root").strip()
        sh(f"tar -C {root} -cf {tar}.part . && mv {tar}.part {tar}")
    if not (WORK / "bookworm").exists():
        sh(f"mkdir {WORK}/bookworm && tar -C {WORK}/bookworm -xf {tar}")
    return tar


def hello():
    """A static program on scratch, as a context and as a bundle of runc's."""
    context = folder("hello")
    (context / "hello.c").write_text('#include <unistd.h>\nint main(void) { return write(1, "hello\\n", 6) < 0; }\n')
    sh(f"gcc -static -Os -o {context}/hello {context}/hello.c && rm {context}/hello.c")
    (context / "Dockerfile").write_text('FROM scratch\nADD hello /\nCMD ["/hello"]\n')
    bundle = WORK / "bundle"
    shutil.rmtree(bundle, ignore_errors=True)
    (bundle / "rootfs").mkdir(parents=True)
    shutil.copy(context / "hello", bundle / "rootfs" / "hello")
    sh(f"cd {bundle} && runc spec")
    spec = json.loads((bundle / "config.json").read_text())
    spec["process"].update(terminal=False, args=["/hello"])
    (bundle / "config.json").write_text(json.dumps(spec))


def steps():
    """Dockerfiles of RUN steps: ten and thirty in a row, and three stages that sleep at the same time."""
    for name, count in (("steps", 10), ("steps30", 30)):
        (folder(name) / "Dockerfile").write_text(
            "FROM bookworm\n" + "".join(f"RUN echo {i} > /file-{i}\n" for i in range(count)))
    stages = "".join(f"FROM bookworm AS s{i}\nRUN sleep 1 && echo {i} > /slept-{i}\n" for i in range(3))
    copies = "".join(f"COPY --from=s{i} /slept-{i} /\n" for i in range(3))
    (folder("stages") / "Dockerfile").write_text(f"{stages}FROM scratch\n{copies}")


def layers():
    """A hundred layers over nothing, the last of which is a program to run."""
    context = folder("layers")
    shutil.copy(WORK / "hello" / "hello", context / "hello")
    for i in range(99):
        (context / f"file-{i}").write_text(f"{i}\n")
    copies = "".join(f"COPY file-{i} /files/\n" for i in range(99))
    (context / "Dockerfile").write_text(f'FROM scratch\n{copies}COPY hello /\nCMD ["/hello"]\n')


def files():
    """20,000 files of 200 MB in all: 200 folders two deep, sizes from 1 to 19 kB."""
    context = WORK / "files"
    if not context.exists():
        part = WORK / "files.part"
        shutil.rmtree(part, ignore_errors=True)
        numbers = random.Random(1)
        for i in range(FILES):
            place = part / "src" / f"group-{i % 10}" / f"part-{i // 10 % 20}"
            if i < FILES // 100:
                place.mkdir(parents=True, exist_ok=True)
            (place / f"file-{i}.bin").write_bytes(numbers.randbytes(numbers.randrange(1000, 2 * FILE_BYTES - 1000)))
        (part / "Dockerfile").write_text("FROM scratch\nCOPY src /src\n")
        part.rename(context)


def big():
    """One file of a gibibyte that doesn't compress."""
    context = folder("big")
    (context / "Dockerfile").write_text("FROM scratch\nCOPY big /\n")
    if not (context / "big").exists():
        sh(f"head -c {BIG_BYTES} /dev/urandom > {context}/big.part && mv {context}/big.part {context}/big")


def twenty():
    """A gibibyte in twenty layers, of words: as text and programs do, they compress to a third or so."""
    context = WORK / "twenty"
    if context.exists():
        return
    part = folder("twenty.part")
    numbers = random.Random(2)
    words = [numbers.randbytes(numbers.randrange(2, 9)) for _ in range(4096)]
    for i in range(20):
        with (part / f"file-{i}").open("wb") as file:
            while file.tell() < 50 << 20:
                file.write(b"".join(numbers.choices(words, k=100_000)))
    copies = "".join(f"COPY file-{i} /\n" for i in range(20))
    (part / "Dockerfile").write_text(f"FROM scratch\n{copies}")
    part.rename(context)


def serve(address, data):
    """Debian's registry on the loopback."""
    shutil.rmtree(data, ignore_errors=True)
    config = data.with_suffix(".json")
    config.write_text(json.dumps({
        "version": 0.1, "log": {"level": "error", "accesslog": {"disabled": True}}, "http": {"addr": address},
        "storage": {"filesystem": {"rootdirectory": str(data)}}}))
    process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    host, port = address.split(":")
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                break
        time.sleep(0.05)
    return process


def registries(socle):
    """One registry with the images that are moved, and one that is empty; the images in archives and a layout, uncompressed.

    Nobody but socle has the images or a layer of them.
    """
    processes = [serve(FULL, WORK / "registry-full"), serve(EMPTY, EMPTY_DATA)]
    debian = f"cp {WORK}/bookworm.tar {WORK}/moved.tar && date > {WORK}/moved && tar -rf {WORK}/moved.tar -C {WORK} moved"
    sh(socle.words(f"{debian} && {{tool}} import {WORK}/moved.tar debian && {{tool}} build -q -t twenty {WORK}/twenty"))
    for image in MOVED:
        sh(socle.words(
            f"{{tool}} tag {image} {FULL}/{image} && {{tool}} push -q {FULL}/{image} && {{tool}} save -o {WORK}/{image}.saved.tar {image}"
            f" && {{tool}} copy -q --compression uncompressed store:{image} oci:{WORK}/layout:{image}"))
    return processes


def tidy():
    """Removes everything but the inputs that take long to make. podman leaves a mount on its storage."""
    sh(f"findmnt -rn -o TARGET | grep '^{WORK}/' | sort -r | xargs -r umount", check=False)
    kept = {"bookworm.tar", "bookworm", "files", "big", "twenty"}
    for path in WORK.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
