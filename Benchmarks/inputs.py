"""What the work is done on. Large inputs are made once and kept below build/bench."""
import json, random, shutil
from measure import TOP, WORK, sh

FILES, FILE_BYTES, BIG_BYTES = 20_000, 10_000, 1 << 30


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


def tidy():
    """Removes everything but the inputs that take long to make."""
    kept = {"bookworm.tar", "bookworm", "files", "big"}
    for path in WORK.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
