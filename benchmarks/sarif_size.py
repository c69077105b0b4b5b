"""Times the SARIF log of as many results as GitHub takes, in a process of its own: `python benchmarks/sarif_size.py`.

Times are those of the processor: of the first log, for which the SARIF library is imported, and of the next one. How
long `json.dumps` takes for the same log is the measure: a busy machine slows both alike. Logs are compressed as
github/codeql-action does before it uploads them. Prints a Markdown table with the goals; exits with 1 where one is
missed.

There are two kinds of results. Those of an estate are what `check` finds in relevant files that `estate.py` makes:
eight to a server, most of them at its header. Those apart have a server, a line and a context of their own each, and
every third has a trace: no real log repeats as little.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import NamedTuple

from estate import make  # beside this file
from msgspec.structs import replace

from pgflexlint.analysis import analyze
from pgflexlint.cli import tune_interpreter
from pgflexlint.discover import target
from pgflexlint.judged import Deployed
from pgflexlint.outputs import Options, renderer
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Case, Coverage, Finding, Report
from pgflexlint.resource import Language
from pgflexlint.settings import Settings
from pgflexlint.source import SourceFile, Span
from pgflexlint.values import Step
from pgflexlint_rules import RULES

KINDS = ("estate", "apart")
"""The kinds of results."""
LEVEL = 6
"""The level of compression that zlib has by default, and github/codeql-action uses."""
PER_FILE = 7
"""There are more findings than this in a relevant file of an estate."""
IN_FILE = 250
"""How many findings apart are in one file."""


OFTEN = [rule for rule in RULES if rule.id in ("PGF101", "PGF301", "PGF305", "PGF401", "PGF403", "PGF501", "PGF509",
                                              "PGF701", "PGF702", "PGF703", "PGF704", "PGF705")]  # fmt: skip
"""So many rules find something in a server that is poorly set up."""


class Figures(NamedTuple):
    """What one process measured, or the bounds of that."""

    first: float
    """Seconds for the first log."""
    again: float
    """Seconds for the next one."""
    ratio: float
    """Of the first log to `json.dumps`."""
    mebibytes: float
    """Peak memory of the whole process."""
    raw: float
    gzipped: float
    """Mebibytes; GitHub takes 10."""


ANY = float("inf")
GOALS = {
    1_000: Figures(first=0.1, again=0.1, ratio=15, mebibytes=100, raw=ANY, gzipped=1),
    25_000: Figures(first=3, again=3, ratio=10, mebibytes=250, raw=ANY, gzipped=1),
}
FORMATS = ("{:.3f} s", "{:.3f} s", "{:.1f}", "{:.0f} MiB", "{:.1f} MiB", "{:.2f} MiB")


def main() -> int:
    """Runs the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", nargs=2, metavar=("KIND", "RESULTS"), help="measure in this process, print JSON")
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured (default: 3)")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.measure[0], int(options.measure[1]))))
        return 0
    print(
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}; the best of {options.runs} runs"
    )
    print()
    print("| results | first log | next log | first to json.dumps | peak memory | log | gzipped |")
    print("|---|---|---|---|---|---|---|")
    missed = []
    for size, goal in GOALS.items():
        row(f"{size:,}: at most", goal)
        for kind in KINDS:
            best = min((once(kind, size) for _ in range(options.runs)), key=lambda figures: figures.first)
            row(f"{size:,}, {kind}", best)
            missed += [
                f"{name} of {size:,} results, {kind}: {value:.3g}, where the goal is at most {bound:.3g}"
                for name, value, bound in zip(Figures._fields, best, goal, strict=True)
                if value > bound
            ]
    print()
    print("\n".join(f"Missed: {each}." for each in missed) or "All goals are met.")
    return 1 if missed else 0


def row(name: str, figures: Figures) -> None:
    """Print a row of the table."""
    cells = ("" if value == ANY else text.format(value) for text, value in zip(FORMATS, figures, strict=True))
    print("|", name, "|", " | ".join(cells), "|", flush=True)


def once(kind: str, size: int) -> Figures:
    """One measurement in a fresh process."""
    command = [sys.executable, __file__, "--measure", kind, str(size)]
    return Figures(*json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def measured(kind: str, size: int) -> Figures:
    """Render a log of so many results, as the program does."""
    tune_interpreter()
    report = estate(size) if kind == "estate" else apart(size)
    text, first = timed(report)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    _, again = timed(report)
    document = json.loads(text)
    assert len(document["runs"][0]["results"]) == size
    start = time.process_time()
    json.dumps(document)
    plain = time.process_time() - start
    raw = text.encode()
    return Figures(first, again, first / plain, peak, len(raw) / 2**20, len(gzip.compress(raw, LEVEL)) / 2**20)


def timed(report: Report) -> tuple[str, float]:
    """The log, and the seconds that it took. What has to be imported for it counts."""
    start = time.process_time()
    text = renderer("sarif")(report, Options())
    return text, time.process_time() - start


def estate(size: int) -> Report:
    """The report of an estate with so many findings."""
    with tempfile.TemporaryDirectory() as home:
        room = Path(home) / "estate"
        make(room, size // PER_FILE, relevant=1)
        report = analyze(target([str(room)], [], room), RULES, RULES, Settings())
    return replace(report, findings=tuple(report.by_place[:size]))


def apart(size: int) -> Report:
    """A report of so many findings that have nothing in common."""
    return Report(
        findings=tuple(findings(size)),
        doubts=(), problems=(), suppressed=(), rules=RULES, coverage=Coverage(), secrets=Redactor(),
        exit_code=1,
    )  # fmt: skip


def findings(size: int) -> Iterator[Finding]:
    """Findings of a dozen rules, each on a line of its own, every third with a way."""
    for number in range(size):
        if number % IN_FILE == 0:
            lines = [f'  parameter_{line} = "off" # of server {number}\n' for line in range(IN_FILE)]
            file = SourceFile(f"modules/team-{number // IN_FILE}/main.tf", "".join(lines))
        rule = OFTEN[number % len(OFTEN)]
        key, template = next(iter(rule.messages.items()))
        fields = [int(field) for _, field, *_ in Formatter().parse(template) if field]
        start = file.line_starts[number % IN_FILE] + 2
        span = Span(file, start, start + 9)
        address = f"module.team.azurerm_postgresql_flexible_server.server[{number}]"
        trace = (Step(Span(file, 2, 11), "variable 'x'"),) if number % 3 == 0 else ()
        yield Finding(
            rule=rule,
            level=rule.level,
            message=key,
            arguments=(f"server-{number}",) * (max(fields, default=-1) + 1),
            span=span,
            cases=(Case(Deployed("", ""), address, trace=trace),),
            language=Language.TERRAFORM,
            missing=False,
            declaration=f"azurerm_postgresql_flexible_server.server_{number}",
        )


if __name__ == "__main__":
    sys.exit(main())
