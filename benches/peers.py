#!/usr/bin/env python3
"""Switchback beside what people use today, on this machine, in one run.

    cargo build --release && python3 benches/peers.py [SECTION ...] [--rounds N] [--quick]

Every section plays its contestants in turn, round after round, and prints the median of each and the ratio to the baseline,
taken round by round: a machine that slows down slows both. Peers that are not installed are left out, and named.
Only the ratios of one run mean something.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SWITCHBACK = Path(os.environ.get("SWITCHBACK", ROOT / "target/release/switchback"))
# `chain N`: the limit, each command started and waited for in its own process group, and nothing else.
# `measure FILE COMMAND…`: what a command took, told by a parent that is small itself, as Linux counts a parent's memory as its child's.
HELPER_C = r"""
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
extern char **environ;
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}
int main(int argc, char **argv) {
    posix_spawnattr_t own_group;
    posix_spawnattr_init(&own_group);
    posix_spawnattr_setflags(&own_group, POSIX_SPAWN_SETPGROUP);
    pid_t pid;
    int status;
    if (argc == 3 && !strcmp(argv[1], "chain")) {
        char *command[] = {"/bin/sh", "-c", ":", NULL};
        for (int left = atoi(argv[2]); left > 0; left--) {
            if (posix_spawn(&pid, command[0], NULL, &own_group, command, environ)) return 1;
            if (waitpid(pid, &status, 0) < 0 || status) return 1;
        }
        return 0;
    }
    struct rusage usage;
    double began = now();
    if (posix_spawnp(&pid, argv[3], NULL, NULL, argv + 3, environ)) return 127;
    if (wait4(pid, &status, 0, &usage) < 0) return 127;
    double wall = now() - began;
    FILE *out = fopen(argv[2], "w");
    double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    fprintf(out, "%.9f %.6f %ld", wall, cpu, usage.ru_maxrss);
    fclose(out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
"""


@dataclass
class Contestant:
    """A command, what it is fed, and what it may leave behind between two rounds."""

    name: str
    argv: list
    goal: float | None = None
    stdout: str = os.devnull
    leaves: list = field(default_factory=list)
    runs: list = field(default_factory=list)


@dataclass
class Run:
    wall: float
    cpu: float
    peak_mb: float


def once(contestant, folder):
    """Runs it once, from start to reaped, as the system accounts for it and for what it waited for."""
    for left in contestant.leaves:
        path = folder / left
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    environment = dict(os.environ, XDG_STATE_HOME=str(folder / "state"), NO_COLOR="1")
    environment.pop("CI", None)
    told = folder / "measured"
    command = [folder.parent / "helper", "measure", told, *contestant.argv]
    with open(contestant.stdout, "wb") as out:
        code = subprocess.call(
            list(map(str, command)), cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment
        )
    if code != 0:
        sys.exit(f"{contestant.name}: `{' '.join(map(str, contestant.argv))}` exited with {code} in {folder}")
    wall, cpu, peak = told.read_text().split()
    return Run(float(wall), float(cpu), int(peak) / 1024)


def race(title, contestants, rounds, folder, figure="wall", baseline=0, unit=("ms", 1e3), divide=1):
    """Plays all in turn and prints them beside the baseline."""
    for contestant in contestants:
        contestant.runs.clear()
    for turn in range(rounds):
        # Nobody is always first, nor always after the same neighbour.
        shift = turn % len(contestants)
        for contestant in contestants[shift:] + contestants[:shift]:
            contestant.runs.append(once(contestant, folder))
    print(f"\n### {title}\n")
    name, scale = unit
    print(f"| | {name} | ÷ {contestants[baseline].name} | goal | peak MB |\n| --- | --- | --- | --- | --- |")
    base = [getattr(run, figure) for run in contestants[baseline].runs]
    for contestant in contestants:
        values = [getattr(run, figure) for run in contestant.runs]
        ratio = statistics.median(value / other for value, other in zip(values, base))
        goal = f"≤ {contestant.goal:.2f}" if contestant.goal else ""
        peak = max(run.peak_mb for run in contestant.runs)
        median = statistics.median(values) * scale / divide
        print(f"| {contestant.name} | {median:.4g} | {ratio:.2f} | {goal} | {peak:.1f} |", flush=True)


def have(program):
    return shutil.which(program) is not None


def runbook(nodes, start=("s0",)):
    """A runbook of these nodes, with one gate that the machine closes."""
    return (
        "switchback: 1\nname: bench\ntitle: A bench\n"
        f"start: [{', '.join(start)}]\nnodes:\n{nodes}"
        'gates:\n  done:\n    title: Done\n    verify:\n      - title: it is\n        expr: "true"\n'
    )


def chain(length, effect="change", run="[/bin/sh, -c, ':']"):
    lines = []
    for place in range(length):
        lines.append(f"  s{place}:\n    action: Step {place}\n    effect: {effect}\n    run: {run}\n")
        if place + 1 < length:
            lines.append(f"    next: s{place + 1}\n")
    return runbook("".join(lines))


def milestones(length):
    nodes = (f"  s{place}:\n    action: Step {place}\n    next: s{place + 1}\n" for place in range(length - 1))
    return runbook("".join(nodes) + f"  s{length - 1}:\n    action: The last\n")


def wide(width, run):
    names = [f"s{place}" for place in range(width)]
    return runbook("".join(f"  {name}:\n    action: {name}\n    run: {run}\n" for name in names), names)


def switchback(*arguments):
    return [str(SWITCHBACK), *map(str, arguments)]


def headless(path, *more):
    return switchback("run", path, "--headless", *more)


def bench_chain(folder, rounds, quick):
    """Commands one after another, each durable before and after."""
    for length in (200, 1000) if quick else (200, 1000, 10_000):
        (folder / "chain.yaml").write_text(chain(length))
        (folder / "read.yaml").write_text(chain(length, effect="read"))
        (folder / "chain.sh").write_text("/bin/sh -c :\n" * length)
        targets = "".join(f"t{i}: {f't{i - 1}' if i else ''}\n\t@: ;:\n" for i in range(length))
        (folder / "Makefile").write_text(f".PHONY: all {' '.join(f't{i}' for i in range(length))}\nall: t{length - 1}\n{targets}")
        (folder / "Justfile").write_text(
            "".join(f"t{i}: {f't{i - 1}' if i else ''}\n    @:\n" for i in range(length))
        )
        ninja = "rule r\n  command = :\n" + "".join(f"build t{i}: r {f't{i - 1}' if i else ''}\n" for i in range(length))
        (folder / "build.ninja").write_text(ninja)
        contestants = [
            Contestant("bash -e, keeps nothing", ["bash", "-e", "chain.sh"]),
            Contestant("posix_spawn in C", [folder.parent / "helper", "chain", length]),
            Contestant("switchback, durable", headless("chain.yaml"), 1.0, leaves=["state"]),
            Contestant("switchback, effect: read", headless("read.yaml"), leaves=["state"]),
        ]
        if have("make") and length < 10_000:
            contestants.append(Contestant("make", ["make", "-s"]))
        if have("just") and length < 8_000:
            contestants.append(Contestant("just", ["just", f"t{length - 1}"]))
        if have("ninja") and length < 10_000:
            contestants.append(Contestant("ninja", ["ninja", "--quiet", f"t{length - 1}"], leaves=[".ninja_log", ".ninja_deps"]))
        turns = max(2, rounds // 3) if length == 10_000 else rounds
        race(f"A chain of {length:,} steps, µs a step", contestants, turns, folder, unit=("µs a step", 1e6), divide=length)


def bench_one(folder, rounds, _quick):
    """One step, from the start of the program to its end."""
    (folder / "one.yaml").write_text(chain(1))
    (folder / "Justfile").write_text("one:\n    @:\n")
    (folder / "one.sh").write_text("/bin/sh -c :\n")
    contestants = [
        Contestant("bash -e", ["bash", "-e", "one.sh"]),
        Contestant("switchback, durable", headless("one.yaml"), leaves=["state"]),
    ]
    if have("just"):
        contestants.insert(0, Contestant("just", ["just", "one"]))
        contestants[-1].goal = 1.25
    race("One step, start to end", contestants, rounds * 4, folder)


def bench_jobs(folder, rounds, _quick):
    """200 commands of 50 ms, side by side."""
    (folder / "wide.yaml").write_text(wide(200, "[/bin/sleep, '0.05']"))
    (folder / "Makefile").write_text(
        f"all: {' '.join(f't{i}' for i in range(200))}\n" + "".join(f"t{i}:\n\t@/bin/sleep 0.05\n" for i in range(200))
    )
    ninja = "rule r\n  command = /bin/sleep 0.05\n" + "".join(f"build t{i}: r\n" for i in range(200))
    (folder / "build.ninja").write_text(ninja)
    for jobs, goal in ((2, 1.10), (8, 1.15), (32, 1.45)):
        ideal = 200 * 0.05 / jobs
        contestants = [
            Contestant(f"ideal ({ideal:.4g} s)", ["/bin/sleep", str(ideal)]),
            Contestant("switchback", headless("wide.yaml", "--jobs", jobs), goal, leaves=["state"]),
        ]
        if have("make"):
            contestants.append(Contestant("make", ["make", "-s", f"-j{jobs}"]))
        if have("ninja"):
            contestants.append(Contestant("ninja", ["ninja", "--quiet", f"-j{jobs}"], leaves=[".ninja_log", ".ninja_deps"]))
        race(f"200 × 50 ms, {jobs} at once", contestants, max(2, rounds // 2), folder, unit=("s", 1))
    (folder / "noop.yaml").write_text(wide(2000, "['/bin/true']"))
    noops = "rule r\n  command = /bin/true\n" + "".join(f"build t{i}: r\n" for i in range(2000))
    (folder / "build.ninja").write_text(noops)
    contestants = [Contestant("switchback", headless("noop.yaml", "--jobs", 2), leaves=["state"])]
    if have("ninja"):
        contestants.insert(0, Contestant("ninja", ["ninja", "--quiet", "-j2"], leaves=[".ninja_log", ".ninja_deps"]))
        contestants[-1].goal = 1.30
    race("2,000 commands that do nothing, 2 at once", contestants, max(2, rounds // 2), folder, unit=("s", 1))


def bench_output(folder, rounds, quick):
    """One command that prints a gibibyte: kept, and shown as it comes."""
    size = 256 if quick else 1024
    writer = folder / "writer.py"
    line = "x" * 99
    writer.write_text(
        f"import os\nblock = ('{line}\\n' * 656)[:65536].encode()\n"
        f"for _ in range({size} * 16):\n    left = memoryview(block)\n    while left:\n        left = left[os.write(1, left):]\n"
    )
    python = sys.executable
    small = folder / "small.py"
    small.write_text(writer.read_text().replace(f"range({size} * 16)", "range(20 * 16)"))
    for name, script in (("big", writer), ("small", small)):
        (folder / f"{name}.yaml").write_text(
            runbook(f"  s0:\n    action: Prints\n    run: [{python}, {script}]\n")
        )
    (folder / "tee.sh").write_text(f"{python} {writer} | tee {folder}/kept\n")
    contestants = [
        Contestant("tee FILE", ["bash", "-e", "tee.sh"], leaves=["kept"], stdout=str(folder / "shown")),
        Contestant("switchback", headless("big.yaml"), 1 / 0.9, leaves=["state"], stdout=str(folder / "shown")),
        Contestant("switchback, 20 MiB", headless("small.yaml"), leaves=["state"], stdout=str(folder / "shown")),
    ]
    race(f"{size} MiB printed by one command, kept and shown", contestants, rounds, folder, unit=("s", 1))


def bench_reading(folder, rounds, quick):
    """Checking and previewing large files: CPU time."""
    for length in (10_000,) if quick else (10_000, 100_000):
        (folder / "big.yaml").write_text(chain(length, effect="read", run="[/bin/echo, 'a step of the chain', --flag]"))
        (folder / "Makefile").write_text(
            f"all: {' '.join(f't{i}' for i in range(length))}\n" + "".join(f"t{i}:\n\techo {i}\n" for i in range(length))
        )
        recipes = "".join(f"t{i}:\n    echo {i}\n" for i in range(length))
        (folder / "Justfile").write_text(f"all: {' '.join(f't{i}' for i in range(length))}\n{recipes}")
        contestants = [Contestant("switchback check", switchback("check", "big.yaml"))]
        if length == 10_000:
            contestants.append(Contestant("switchback plan", switchback("plan", "big.yaml")))
            if have("make"):
                contestants.append(Contestant("make -n", ["make", "-rRn"]))
            if have("just"):
                contestants.append(Contestant("just -n", ["just", "-n", "all"]))
        else:
            contestants.append(Contestant("switchback plan", switchback("plan", "big.yaml")))
        if have("just"):
            contestants.append(Contestant("just --summary", ["just", "--summary"]))
        race(f"{length:,} nodes read, CPU time", contestants, max(2, rounds // 2), folder, figure="cpu", unit=("s", 1))


def bench_depth(folder, rounds, _quick):
    """A chain that is deep, not wide: checked, previewed and walked without a stack of its depth; and its record read again."""
    length = 100_000
    (folder / "deep.yaml").write_text(milestones(length))
    contestants = [
        Contestant("check", switchback("check", "deep.yaml")),
        Contestant("plan", switchback("plan", "deep.yaml")),
        Contestant("run", headless("deep.yaml"), leaves=["state"]),
        Contestant("show last", switchback("show", "last")),
        Contestant("verify last", switchback("verify", "last")),
    ]
    race(f"A chain {length:,} deep", contestants, max(2, rounds // 2), folder, figure="wall", unit=("s", 1))


SECTIONS = {
    "chain": bench_chain,
    "one": bench_one,
    "jobs": bench_jobs,
    "output": bench_output,
    "reading": bench_reading,
    "depth": bench_depth,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"one of {', '.join(SECTIONS)}; all without")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is run (9)")
    parser.add_argument("--quick", action="store_true", help="leave out the largest sizes")
    arguments = parser.parse_args()
    for section in arguments.sections:
        if section not in SECTIONS:
            parser.error(f"there is no section `{section}`: {', '.join(SECTIONS)}")
    if not SWITCHBACK.exists():
        sys.exit(f"{SWITCHBACK} is not there: cargo build --release")
    if not have("cc"):
        sys.exit("cc is not installed: it builds the helper that measures")
    missing = [peer for peer in ("make", "just", "ninja") if not have(peer)]
    print(f"# {os.cpu_count()} processors, {arguments.rounds} rounds" + (f"; not installed: {', '.join(missing)}" if missing else ""))
    with tempfile.TemporaryDirectory(prefix="switchback-bench-", dir=os.environ.get("BENCH_DIR")) as temporary:
        helper = Path(temporary) / "helper"
        helper.with_suffix(".c").write_text(HELPER_C)
        subprocess.check_call(["cc", "-O2", "-o", helper, helper.with_suffix(".c")])
        for section in arguments.sections or SECTIONS:
            folder = Path(temporary) / section
            folder.mkdir()
            SECTIONS[section](folder, arguments.rounds, arguments.quick)


if __name__ == "__main__":
    main()
