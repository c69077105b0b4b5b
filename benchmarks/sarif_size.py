"""Times the SARIF log of as many results as GitHub takes, in a process of its own: `python benchmarks/sarif_size.py`.

Times are those of the processor. How long `json.dumps` takes for the same log is the measure: a busy machine slows both
alike. Prints a Markdown table; exits with 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from pgflexlint.cli import tune_interpreter
from pgflexlint.judged import Deployed
from pgflexlint.outputs import Options, renderer
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Case, Coverage, Finding, Report
from pgflexlint.resource import Language
from pgflexlint.source import SourceFile, Span
from pgflexlint.values import Step
from pgflexlint_rules import RULES

SIZES = (1_000, 25_000)
IN_FILE = 250
"""How many findings are in one file."""


OFTEN = [rule for rule in RULES if rule.id in ("PGF101", "PGF301", "PGF305", "PGF401", "PGF403", "PGF501", "PGF509",
                                              "PGF701", "PGF702", "PGF703", "PGF704", "PGF705")]  # fmt: skip
"""So many rules find something in a server that is poorly set up."""


class Goal(NamedTuple):
    """The bounds of one size."""

    seconds: float
    ratio: float
    mebibytes: int
    gzipped: float
    """Mebibytes; GitHub takes 10."""


GOALS = {1_000: Goal(0.1, 15, 100, 1), 25_000: Goal(3, 10, 250, 1)}


class Figures(NamedTuple):
    """What one process measured."""

    seconds: float
    plain: float
    """Seconds that `json.dumps` takes for the same document."""
    mebibytes: float
    raw: float
    gzipped: float


def main() -> int:
    """Runs the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", type=int, metavar="RESULTS", help="measure in this process and print JSON")
    parser.add_argument("--runs", type=int, default=3, help="how often each size is measured (default: 3)")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.measure)))
        return 0
    print(
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}; the best of {options.runs} runs"
    )
    print()
    print("| results | SARIF | json.dumps | ratio | peak memory | log | gzipped |")
    print("|---|---|---|---|---|---|---|")
    missed = []
    for size in SIZES:
        best = min((once(size) for _ in range(options.runs)), key=lambda figures: figures.seconds)
        ratio = best.seconds / best.plain
        print(
            f"| {size:,} | {best.seconds:.3f} s | {best.plain:.3f} s | {ratio:.1f} | {best.mebibytes:.0f} MiB "
            f"| {best.raw:.1f} MiB | {best.gzipped:.2f} MiB |"
        )
        goal = GOALS[size]
        found = Goal(best.seconds, ratio, round(best.mebibytes), best.gzipped)
        missed += [
            f"{name} at {size:,} results: {value:.3g}, where the goal is at most {bound}"
            for name, value, bound in zip(Goal._fields, found, goal, strict=True)
            if value > bound
        ]
    print()
    print("\n".join(f"Missed: {each}." for each in missed) or "All goals are met.")
    return 1 if missed else 0


def once(size: int) -> Figures:
    """One measurement in a fresh process."""
    command = [sys.executable, __file__, "--measure", str(size)]
    return Figures(*json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def measured(size: int) -> Figures:
    """Render a log of so many results, as the program does. The import of the SARIF library counts."""
    tune_interpreter()
    report = Report(
        findings=tuple(findings(size)),
        doubts=(), problems=(), suppressed=(), rules=RULES, coverage=Coverage(), secrets=Redactor(),
        exit_code=1,
    )  # fmt: skip
    start = time.process_time()
    text = renderer("sarif")(report, Options())
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    document = json.loads(text)
    assert len(document["runs"][0]["results"]) == size
    start = time.process_time()
    json.dumps(document)
    plain = time.process_time() - start
    raw = text.encode()
    return Figures(seconds, plain, peak, len(raw) / 2**20, len(gzip.compress(raw)) / 2**20)


def findings(size: int) -> Iterator[Finding]:
    """Findings of a dozen rules, each on a line of its own, every third with a way."""
    for number in range(size):
        if number % IN_FILE == 0:
            lines = [f'  parameter_{line} = "off" # of server {number}\n' for line in range(IN_FILE)]
            file = SourceFile(f"modules/team-{number // IN_FILE}/main.tf", "".join(lines))
        rule = OFTEN[number % len(OFTEN)]
        key = next(iter(rule.messages))
        start = file.line_starts[number % IN_FILE] + 2
        span = Span(file, start, start + 9)
        address = f"module.team.azurerm_postgresql_flexible_server.server[{number}]"
        trace = (Step(Span(file, 2, 11), "variable 'x'"),) if number % 3 == 0 else ()
        yield Finding(
            rule=rule,
            level=rule.level,
            message=key,
            arguments=(f"server-{number}",) * 6,
            span=span,
            cases=(Case(Deployed("", ""), address, trace=trace),),
            language=Language.TERRAFORM,
            missing=False,
            declaration=f"azurerm_postgresql_flexible_server.server_{number}",
        )


if __name__ == "__main__":
    sys.exit(main())
