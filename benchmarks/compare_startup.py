"""Times pgflexlint and Checkov on small units, each run a whole process: `python benchmarks/compare_startup.py`.

Checkov lives in an environment of its own: give its program with `--checkov PROGRAM`, or let `--install DIRECTORY` make
a virtual environment there with pip. Checkov is told to look at Terraform only and to fetch nothing, which favours it.
The runs alternate, so that whatever else the machine does meets both alike. Prints a Markdown table; exits with 1
where a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
UNITS = ("fixtures/projects/webshop", "fixtures/PGF101/fail.tf")
CHECKOV = "3.3.30"

SECONDS = 0.35
"""How long a small unit may take us."""
RATIO = 12
"""How many times as long Checkov should take."""
MEBIBYTES = 120
"""How much memory we may need."""


class Run(NamedTuple):
    """What one process took."""

    seconds: float
    mebibytes: float


class Goal(NamedTuple):
    """A figure with its bound, and whether it keeps it."""

    text: str
    met: bool


def main() -> int:
    """Runs the comparison; returns the exit code."""
    if not hasattr(os, "wait4"):
        print("This benchmark needs os.wait4, which this platform does not have.", file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("units", nargs="*", type=Path, help=f"files or directories (default: {', '.join(UNITS)})")
    parser.add_argument("--pairs", type=int, default=11, help="how often each is run (default: 11)")
    parser.add_argument("--pgflexlint", type=Path, default=Path(sys.executable).with_name("pgflexlint"))
    checkov = parser.add_mutually_exclusive_group(required=True)
    checkov.add_argument("--checkov", type=Path, metavar="PROGRAM", help="an installed Checkov")
    checkov.add_argument("--install", type=Path, metavar="DIRECTORY", help=f"where to install Checkov {CHECKOV}")
    options = parser.parse_args()
    other = options.checkov.absolute() if options.checkov else installed(options.install)
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs")
    print(
        f"{version(options.pgflexlint)} against Checkov {version(other)}; medians of {options.pairs} alternating runs"
    )
    print()
    print("| unit | pgflexlint | Checkov | ratio | peak memory of pgflexlint | of Checkov |")
    print("|---|---|---|---|---|---|")
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        for unit in options.units or [ROOT / unit for unit in UNITS]:
            place = alone(unit.resolve(), Path(home))
            mine = [str(options.pgflexlint.absolute()), "check", str(place)]
            theirs = [str(other), "--framework", "terraform", "--skip-download", "--quiet", "--compact"]
            theirs += ["--directory" if place.is_dir() else "--file", str(place)]
            ours, checkovs = alternating(mine, theirs, options.pairs, Path(home))
            name = unit.relative_to(ROOT).as_posix() if unit.is_relative_to(ROOT) else unit.name
            ratio = seconds(checkovs) / seconds(ours)
            print(
                f"| `{name}` | {seconds(ours):.3f} s | {seconds(checkovs):.2f} s | {ratio:.1f} "
                f"| {memory(ours):.0f} MiB | {memory(checkovs):.0f} MiB |",
                flush=True,
            )
            goals = judged(ours, checkovs)
            missed += [f"{name}: {goal.text}" for goal in goals if not goal.met]
    print()
    print("\n".join(f"Missed on {goal}." for goal in missed) or "All goals are met.")
    return 1 if missed else 0


def judged(ours: Sequence[Run], theirs: Sequence[Run]) -> list[Goal]:
    """The goals and whether they are met."""
    ratio = seconds(theirs) / seconds(ours)
    return [
        Goal(f"{seconds(ours):.3f} s, where the goal is at most {SECONDS} s", seconds(ours) <= SECONDS),
        Goal(f"{ratio:.1f} times as fast, where the goal is at least {RATIO}", ratio >= RATIO),
        Goal(f"{memory(ours):.0f} MiB, where the goal is at most {MEBIBYTES} MiB", memory(ours) <= MEBIBYTES),
    ]


def seconds(runs: Sequence[Run]) -> float:
    """The median time."""
    return median(run.seconds for run in runs)


def memory(runs: Sequence[Run]) -> float:
    """The highest peak."""
    return max(run.mebibytes for run in runs)


def alternating(first: Sequence[str], second: Sequence[str], pairs: int, home: Path) -> tuple[list[Run], list[Run]]:
    """Both commands in turn, after one run of each that does not count: it fills caches."""
    once(first, home)
    once(second, home)
    runs = [(once(first, home), once(second, home)) for _ in range(pairs)]
    return [one for one, _ in runs], [other for _, other in runs]


def alone(unit: Path, home: Path) -> Path:
    """A unit that nothing else is beside: what is in the same directory as a file belongs to it in Terraform."""
    room = home / f"unit-{unit.stem}"
    if unit.is_dir():
        return Path(shutil.copytree(unit, room))
    room.mkdir()
    return Path(shutil.copy(unit, room))


def once(command: Sequence[str], home: Path) -> Run:
    """One run as a whole process, from the start of the interpreter to its end, in a scrubbed environment."""
    environment = {"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8"}
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, cwd=home
    ) as process:
        assert process.stderr is not None
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command[0]} ended with {process.returncode}: {errors.decode(errors='replace')[-2000:]}")
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, kibibytes elsewhere
    return Run(elapsed, usage.ru_maxrss / unit)


def version(program: Path) -> str:
    """What a program says of itself."""
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def installed(directory: Path) -> Path:
    """Checkov in a virtual environment, made where it is not there yet."""
    programs = directory.resolve() / "bin"
    if not (programs / "checkov").exists():
        venv.create(directory, with_pip=True)
        subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", f"checkov=={CHECKOV}"], check=True)
    return programs / "checkov"


if __name__ == "__main__":
    sys.exit(main())
