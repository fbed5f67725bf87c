"""What is measured: peers, cases, and the table of medians, ratios and bars."""
import os, re, shlex, shutil, statistics, subprocess, sys, time
from dataclasses import dataclass, field
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
WORK = TOP / "build" / "bench"
STORE = WORK / "store"
SOCLE = Path(os.environ.get("SOCLE_BINARY") or TOP / "build" / "socle")
ENV = dict(os.environ, SOCLE_ROOT=str(STORE), DOCKER_BUILDKIT="0")
MEMORY_BAR = 150  # megabytes of socle's largest process


def sh(command, check=True, env=None):
    """Runs a shell command that isn't measured."""
    done = subprocess.run(command, shell=True, env=env or ENV, capture_output=True, text=True)
    if check and done.returncode:
        sys.exit(f"bench: {command}\n{done.stderr.strip()}")
    return done.stdout


@dataclass
class Tool:
    """Somebody who does the work: `name` heads its column, `command` starts its command lines."""
    name: str
    command: str
    is_docker: bool = True

    def words(self, text):
        """A template's words for this tool: {tool}, and {network} for RUN steps with the network that builds have by
        default; the daemons of the benchmarks have no bridge, so they give the host's, as socle does."""
        return text.format(tool=self.command, network="--network host" if self.is_docker else "")


def tools():
    """socle, and the peers that this machine was given."""
    yield Tool("socle", str(SOCLE), is_docker=False)
    if "DOCKER_HOST" in ENV:
        yield Tool("docker", "docker")
    if "DOCKER_BUILDKIT_CLIENT" in ENV:
        yield Tool("buildkit", ENV["DOCKER_BUILDKIT_CLIENT"])
    if shutil.which("podman"):
        yield Tool("podman", f"podman --root {WORK}/podman --runroot {WORK}/podman-run", is_docker=False)
    if shutil.which("skopeo"):
        yield Tool("skopeo", "skopeo", is_docker=False)


@dataclass
class Case:
    """One piece of work for everybody.

    `setup` runs once a tool, `before` before each measurement, `after` once a tool at the end; a dict gives words to each tool by its name, or to "docker" for
    every daemon. Only those whom `command` has words for take part: text is for socle and the daemons.
    `bars` says what the ratio to a peer is meant to reach, `limit` how many seconds socle may take; `store` is socle's, where
    it is another one than all cases share.
    """
    name: str
    command: object
    bars: dict = field(default_factory=dict)
    setup: object = ""
    before: object = ""
    after: object = ""
    runc: str = ""
    rounds: int = 1000
    limit: float = 0
    store: Path = STORE
    memory: int = MEMORY_BAR
    seconds: dict = field(default_factory=dict)
    peak: int = 0

    def lines(self, what, tool):
        text = what if isinstance(what, str) else what.get(tool.name, what.get("docker", "") if tool.is_docker else "")
        return tool.words(text)

    def takers(self, everybody):
        if isinstance(self.command, str):
            return [tool for tool in everybody if tool.name == "socle" or tool.is_docker]
        return [tool for tool in everybody if self.lines(self.command, tool)]

    @property
    def variables(self):
        return dict(ENV, SOCLE_ROOT=str(self.store))

    def run(self, everybody, rounds):
        everybody = self.takers(everybody)
        for tool in everybody:
            sh(self.lines(self.setup, tool), env=self.variables)
        for _ in range(min(rounds, self.rounds)):
            for tool in everybody:
                sh(self.lines(self.before, tool), check=False, env=self.variables)
                self.measure(tool.name, self.lines(self.command, tool))
            if self.runc:
                self.measure("runc", self.runc)
        for tool in everybody:
            sh(self.lines(self.after, tool), check=False, env=self.variables)

    def measure(self, who, command):
        # A pipe or a list needs the shell; one program's start is measured without that of a shell.
        words = ["/bin/sh", "-c", command] if re.search("[|&;<>$]", command) else shlex.split(command)
        start = time.monotonic()
        process = subprocess.Popen(words, env=self.variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        complaint = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        taken = time.monotonic() - start
        if status:
            sys.exit(f"bench: {command}\n{complaint.decode().strip()}")
        self.seconds.setdefault(who, []).append(taken)
        if who == "socle":
            self.peak = max(self.peak, usage.ru_maxrss)

    # What came out

    def median(self, who):
        return statistics.median(self.seconds[who])

    def verdicts(self):
        """What was compared with what, and for each bar whether it was reached; None where there is no bar."""
        for who in self.seconds:
            if who in ("socle", "runc"):
                continue
            ratio, bar = self.median(who) / self.median("socle"), self.bars.get(who)
            yield f"{who} {ratio:.1f}" + (f" (bar {bar})" if bar else ""), ratio >= bar if bar else None
        if self.limit:
            yield f"bar {self.limit * 1000:.0f} ms", self.median("socle") <= self.limit
        yield f"bar {self.memory} MB", self.peak / 1024 < self.memory

    def row(self, columns):
        cells = f"{self.name:18}"
        for who in columns:
            times = self.seconds.get(who)
            cells += f" {self.median(who) * 1000:8.1f} ({min(times) * 1000:8.1f})" if times else " " * 20
        words = (text if is_reached is None else f"{text} {'reached' if is_reached else 'MISSED'}"
                 for text, is_reached in self.verdicts())
        return f"{cells} {self.peak / 1024:7.0f}  {', '.join(words)}"


def heading(columns):
    return f"{'milliseconds':18}" + "".join(f" {who:>8} {'(least)':>10}" for who in columns) + f" {'peak MB':>7}  peer/socle"


def summary(cases):
    """How many bars were reached, and which were not."""
    bars = [(case.name, text, is_reached) for case in cases for text, is_reached in case.verdicts() if is_reached is not None]
    missed = [f"{name}: {text}" for name, text, is_reached in bars if not is_reached]
    return "\n".join([f"{len(bars) - len(missed)} of {len(bars)} bars reached", *(f"MISSED {line}" for line in missed)])
