"""The life of containers: started, entered, listed, read, copied."""
import os, resource, shutil, time
from measure import Case, ENV, WORK, sh
import inputs

LINES, BIG = 10_000_000, 1 << 30  # a gibibyte of log, in lines of a hundred bytes and some
MEMORY_BAR = 6  # megabytes of a monitor that waits

NAMES = {"run-hello", "run-bridged", "run-detached", "exec", "fifty", "ps-200", "attach", "logs", "cp-out", "cp-in"}


def images(everybody):
    """A program that says hello, and a shell, for whoever takes part."""
    inputs.hello()
    inputs.big()
    shell = inputs.folder("shell")
    (shell / "bin").mkdir(exist_ok=True)
    shutil.copy("/bin/busybox", shell / "bin" / "busybox")
    for name in ("sh", "true", "sleep", "yes", "head", "cat", "dd", "rm"):
        link = shell / "bin" / name
        if not link.is_symlink():
            link.symlink_to("busybox")
    sh(f"tar -C {shell} -cf {WORK}/shell.tar . && tar -C {WORK}/hello -cf {WORK}/hello.tar hello")
    for tool in everybody:
        if tool.name in ("socle", "docker", "podman"):
            sh(tool.words(f"{{tool}} import {WORK}/shell.tar shell && {{tool}} import --change 'CMD [\"/hello\"]' {WORK}/hello.tar hello"))


def podman_settings():
    """podman sets limits that this machine may not allow, and crun doesn't know every kind of control groups."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    conf = WORK / "containers.conf"
    conf.write_text(f'[containers]\ndefault_ulimits = ["nofile={files}:{files}", "nproc=10000:10000"]\n[engine]\nruntime = "runc"\n')
    ENV["CONTAINERS_CONF"] = str(conf)


def cases(has_bridge):
    def for_all(text):
        return {name: text for name in ("socle", "docker", "podman")}

    def container(name, flags, words):
        """What has a container of this name there before the measurements, and takes it away afterwards."""
        gone = f"{{tool}} rm -f {name} >/dev/null 2>&1; true"
        return dict(setup=for_all(f"{gone}; {{tool}} {flags} --network none --name {name} shell {words}"), after=for_all(gone))

    yield Case("run-hello", for_all("{tool} run --rm --network none hello"), {"docker": 20},
               runc=f"runc run -b {WORK}/bundle bench-$$")
    if has_bridge:
        yield Case("run-bridged", for_all("{tool} run --rm hello"), {"docker": 4})
    detached = "{tool} run -d --network none --name bench-d shell sleep 1000 && {tool} rm -f bench-d"
    # podman asks first and waits ten seconds.
    yield Case("run-detached", dict.fromkeys(("socle", "docker"), detached), {"docker": None}, rounds=7)
    yield Case("exec", for_all("{tool} exec bench-exec true"), {"docker": 8}, **container("bench-exec", "run -d", "sleep 100000"))
    yield Case("fifty", for_all("seq 50 | xargs -P 50 -I % {tool} run --rm --network none hello"), {"docker": 10}, rounds=3)
    many = "{tool} ps -aq --filter name=bench-ps | xargs -r {tool} rm -f >/dev/null"
    yield Case("ps-200", for_all("{tool} ps -a"), {"docker": None}, rounds=7, after=for_all(many),
               setup=for_all(f"{many}; seq 200 | xargs -P 4 -I % {{tool}} create --network none --name bench-ps-% hello"))
    yield Case("attach", for_all("{tool} start -a bench-attach"), {"docker": None}, rounds=3,
               **container("bench-attach", "create --log-driver none", "head -c 268435456 /dev/zero"))
    line = "x" * 107
    logs = container("bench-logs", "run -a stderr", f"sh -c 'yes {line} | head -n {LINES}'")
    logs["setup"].pop("podman")  # its log is the journal's or another format
    yield Case("logs", {name: "{tool} logs bench-logs" for name in ("socle", "docker")}, {"docker": 2}, rounds=3, **logs)
    big = f"sh -c 'head -c {BIG} /dev/zero >/big; sleep 100000'"
    copied = container("bench-cp", "run -d", big)
    written = "until [ $({tool} exec bench-cp sh -c 'stat -c %s /big' 2>/dev/null || echo 0) = " + str(BIG) + " ]; do sleep 0.2; done"
    for name in copied["setup"]:
        copied["setup"][name] += "; " + written
    yield Case("cp-out", for_all(f"{{tool}} cp bench-cp:/big {WORK}/copied-out"), {"docker": 2}, rounds=3,
               before=for_all(f"rm -f {WORK}/copied-out"), **copied)
    yield Case("cp-in", for_all(f"{{tool}} cp {WORK}/big/big bench-cp:/in"), {"docker": 2}, rounds=3,
               before=for_all("{tool} exec bench-cp rm -f /in"), **copied)


def monitor(socle):
    """What a monitor that waits has of memory: all its pages, and what of them are its own."""
    ident = sh(socle.words("{tool} run -d --network none shell sleep 1000")).strip()
    try:
        time.sleep(1)
        pid = sh(socle.words("{tool} inspect -f '{{{{.State.Pid}}}}' " + ident)).strip()
        with open(f"/proc/{pid}/status") as file:
            parent = next(line.split()[1] for line in file if line.startswith("PPid"))
        with open(f"/proc/{parent}/smaps_rollup") as file:
            sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in file if line.split(":")[0] in ("Rss", "Pss", "Private_Dirty")}
    finally:
        sh(socle.words(f"{{tool}} rm -f {ident}"))
    verdict = "reached" if sizes["Rss"] <= MEMORY_BAR else "MISSED"
    return (f"monitor: {sizes['Rss']:.1f} MB resident (bar {MEMORY_BAR} MB {verdict}), {sizes['Pss']:.1f} MB in proportion, "
            f"{sizes['Private_Dirty']:.1f} MB its own")
