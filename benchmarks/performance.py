"""Measures time and memory and writes docs/performance.md: `python benchmarks/performance.py [NAME=DIRECTORY …]`.

Synthetic estates of growing size (see `estate.py`) are measured, then each directory that is named, such as a clone
of a public repository, with other programs beside us where they are given: `--terraform PROGRAM` runs `terraform fmt
-check -recursive`, which reads every file and evaluates none, and `--checkov PROGRAM` runs Checkov on the whole
directory for at most `--patience` seconds. Every run is a process of its own; the programs take turns, so that
whatever else the machine does meets all alike. Figures are medians, with the least and the most where noise matters.
Matplotlib draws the plot (`pip install pgflexlint[benchmark]`).
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from estate import make  # beside this file

ROOT = Path(__file__).resolve().parent.parent
SIZES = (10, 100, 1_000, 10_000, 100_000)
OURS = [sys.executable, "-m", "pgflexlint"]


class Run(NamedTuple):
    """What one process took."""

    wall: float
    cpu: float
    """Seconds of all its processes together."""
    mebibytes: float
    """The peak of the largest of them."""
    over: bool = False
    """It was stopped because it took too long."""


def run(command: Sequence[str], directory: Path, patience: float) -> Run:
    """One run, its output thrown away."""
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
        start_new_session=True,
    ) as process:  # fmt: skip
        stopper = threading.Timer(patience, os.killpg, (process.pid, 9))
        stopper.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        stopper.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, process.returncode == -9)


def in_turn(commands: Sequence[Sequence[str]], directory: Path, rounds: int, patience: float) -> list[list[Run]]:
    """Several commands, one after the other and again, after a run of each that does not count."""
    runs: list[list[Run]] = [[] for _ in commands]
    slow: set[int] = set()
    for turn in range(rounds + 1):
        for at, command in enumerate(commands):
            if at in slow and runs[at]:
                continue  # once is enough
            done = run(command, directory, patience)
            if done.wall > 20:
                slow.add(at)
            if turn or at in slow:
                runs[at].append(done)
    return runs


def seconds(runs: Sequence[Run]) -> str:
    """The median of the wall clock with its span, or that there was no end."""
    if any(each.over for each in runs):
        return f"> {max(each.wall for each in runs):.0f} s (stopped)"
    walls = [each.wall for each in runs]
    return f"{median(walls):.2f} s ({min(walls):.2f}–{max(walls):.2f})"


def ratio(theirs: Sequence[Run], ours: Sequence[Run]) -> str:
    """How many times as long they take, by the wall clock; of what was stopped, how long at least."""
    sign = "> " if any(each.over for each in theirs) else ""
    return f"{sign}{median(each.wall for each in theirs) / median(each.wall for each in ours):.1f}"


def growth(rounds: int, largest: int) -> tuple[list[str], list[tuple[int, float, float]]]:
    """The table for the synthetic estates, and size, CPU seconds and mebibytes of each."""
    rows = ["| files | wall clock | CPU | CPU per file | peak memory |", "|---:|---|---:|---:|---:|"]
    points = []
    for size in (size for size in SIZES if size <= largest):
        with tempfile.TemporaryDirectory() as home:
            make(Path(home) / "estate", size)
            [runs] = in_turn([[*OURS, "check", "."]], Path(home) / "estate", rounds, 600)
        cpu, peak = median(each.cpu for each in runs), max(each.mebibytes for each in runs)
        rows.append(f"| {size:,} | {seconds(runs)} | {cpu:.2f} s | {cpu / size * 1e3:.3f} ms | {peak:.0f} MiB |")
        points.append((size, cpu, peak))
        print(rows[-1], flush=True)
    return rows, points


def corpora(options: argparse.Namespace) -> list[str]:
    """The table for the named directories."""
    rows = [
        "| directory | files | pgflexlint | CPU | peak memory | `terraform fmt` | ratio | Checkov | ratio |",
        "|---|---|---|---:|---:|---|---:|---|---:|",
    ]
    for text in options.directories:
        name, _, place = text.partition("=")
        directory = Path(place).resolve()
        number = {kind: sum(1 for _ in directory.rglob(f"*.{kind}")) for kind in ("tf", "bicep", "json")}
        files = ", ".join(f"{count:,} `.{kind}`" for kind, count in number.items() if count)
        commands: list[list[str]] = [[*OURS, "check", "."]]
        fmt = bool(options.terraform and number["tf"])
        if fmt:
            commands.append([options.terraform, "fmt", "-check", "-recursive"])
        ours, *others = in_turn(commands, directory, options.rounds, 600)
        row = [name, files, seconds(ours), f"{median(each.cpu for each in ours):.2f} s"]
        row.append(f"{max(each.mebibytes for each in ours):.0f} MiB")
        row += [seconds(others[0]), ratio(others[0], ours)] if fmt else ["", ""]
        if options.checkov:
            command = [options.checkov, "-d", ".", "--quiet", "--compact", "--skip-download"]
            theirs = [run(command, directory, options.patience)]
            row += [seconds(theirs), ratio(theirs, ours)]
        else:
            row += ["", ""]
        rows.append(f"| {' | '.join(row)} |")
        print(rows[-1], flush=True)
    return rows


def parallel(rounds: int) -> list[str]:
    """The table for an estate that is relevant as a whole, in one process and in two."""
    with tempfile.TemporaryDirectory() as home:
        make(Path(home) / "estate", 2_000, relevant=1)
        commands = [[*OURS, "check", ".", "--format", "concise", "--jobs", jobs] for jobs in ("1", "2")]
        one, two = in_turn(commands, Path(home) / "estate", rounds, 600)
    pairs = [first.wall / second.wall for first, second in zip(one, two, strict=False)]
    return [
        "| processes | wall clock | CPU |", "|---|---|---:|",
        f"| 1 | {seconds(one)} | {median(each.cpu for each in one):.2f} s |",
        f"| 2 | {seconds(two)} | {median(each.cpu for each in two):.2f} s |",
        "", f"Ratio of the wall clock, pair by pair: {median(pairs):.2f} ({min(pairs):.2f}–{max(pairs):.2f}).",
    ]  # fmt: skip


def starting(rounds: int) -> list[str]:
    """The table of the shortest runs."""
    rows = ["| run | wall clock | CPU |", "|---|---|---:|"]
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "main.tf").write_text('resource "azurerm_storage_account" "a" {}\n', encoding="utf-8")
        commands = {
            "`--version`": [*OURS, "--version"],
            "`check` where nothing is relevant": [*OURS, "check", "."],
            "`check` of one small unit": [*OURS, "check", str(ROOT / "fixtures" / "projects" / "webshop")],
            "Python by itself": [sys.executable, "-c", "pass"],
        }
        for name, runs in zip(commands, in_turn(list(commands.values()), Path(home), rounds * 3, 60), strict=True):
            rows.append(f"| {name} | {seconds(runs)} | {median(each.cpu for each in runs):.3f} s |")
    return rows


def draw(points: Sequence[tuple[int, float, float]], path: Path) -> None:
    """Time and memory against size."""
    import matplotlib  # noqa: PLC0415 - only who asks for the plot needs it

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "pgflexlint"
    from matplotlib import pyplot  # noqa: PLC0415

    figure, (of_time, of_memory) = pyplot.subplots(1, 2, figsize=(9, 3.5))
    sizes = [size for size, _, _ in points]
    of_time.loglog(sizes, [cpu / size * 1e3 for size, cpu, _ in points], marker="o")
    of_time.set(xlabel="files", ylabel="milliseconds of CPU per file", title="Time per file")
    of_memory.semilogx(sizes, [peak for _, _, peak in points], marker="o")
    of_memory.set(xlabel="files", ylabel="MiB", title="Peak memory", ylim=(0, None))
    for axes in (of_time, of_memory):
        axes.grid(visible=True, alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="*", metavar="NAME=DIRECTORY")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="the largest estate that is made")
    parser.add_argument("--terraform", metavar="PROGRAM")
    parser.add_argument("--checkov", metavar="PROGRAM")
    parser.add_argument("--patience", type=float, default=600, help="seconds after which Checkov is stopped")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "performance.md")
    options = parser.parse_args()
    rows, points = growth(options.rounds, options.largest)
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    machine = f"Python {platform.python_version()}, {system}"
    load = f"{os.getloadavg()[0]:.1f}"
    parts = [
        "# Performance", "",
        "Measured by `benchmarks/performance.py`, which says how. Times are those of one machine. For a ratio, both "
        "programs ran in turn on it. Brackets hold the least and the most.", "",
        f"{machine}; load when it was done: {load}.", "",
        "## Starting", "", *starting(options.rounds), "",
        "## Growth", "",
        "Synthetic estates in three languages. One file in a hundred is relevant.", "",
        *rows, "", f"![Time per file and peak memory against size]({options.output.with_suffix('.svg').name})", "",
        "## Several processes", "",
        "An estate of 2,000 files that are all relevant. If there is enough to parse, a run takes as many processes "
        "as there are processors, or as many as `--jobs` says. It takes several processes on Linux only.",
        "", *parallel(options.rounds), "",
    ]  # fmt: skip
    if options.directories:
        parts += ["## Real repositories", "", *corpora(options), ""]
    parts += [NOTES]
    options.output.write_text("\n".join(parts), encoding="utf-8")
    draw(points, options.output.with_suffix(".svg"))  # last: what this process has counts as had by those it starts
    return 0


NOTES = """\
## Why it is fast

- pgflexlint reads each file once as text and looks for the words that can matter. It parses only files that mention
  PostgreSQL, files that call these, and called modules with a resource that may belong to a server. It does not parse a
  module that is deployed zero times. `--statistics` says what was left out and why. A test proves that leaving it out
  changes no finding.
- If nothing matters, neither the readers nor the rules are loaded. The tables of the grammars come with the package.
- The garbage collector runs rarely, because nearly all objects live until the end.
- There is no cache of results. Beyond starting, a run mostly searches the texts. A cache that is safe to share would
  have to search them as well, to know that nothing changed.
"""

if __name__ == "__main__":
    sys.exit(main())
