"""Compares findings with and without pruning on directories: `pruning.py DIRECTORY…`.

Without it every file is parsed and every module that is called is evaluated, whatever it speaks of. Prints how many
findings, doubts and problems there are either way, and each one that only one of both has: what is said of files that
cannot matter is no difference. The exit code is 1 where a finding or a doubt differs.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from pgflexlint import survey
from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.evaluate.terraform.roots import TerraformEvaluator
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES


@contextmanager
def unpruned() -> Iterator[None]:
    """Everything counts, in this process."""
    with (
        mock.patch.object(survey, "_speaks_of", lambda text, words: True),
        mock.patch.object(TerraformEvaluator, "_is_irrelevant", lambda self, directory: False),
        mock.patch.object(TerraformEvaluator, "_leads_on", lambda self, directory: True),
    ):
        yield


def verdicts(directory: Path) -> tuple[Counter[str], int]:
    """The findings and doubts as a person reads them, each with its number, and how many problems there are."""
    report = analyze(target([str(directory)], [], directory), RULES, RULES, Settings(jobs=1))
    findings = (f"{each.span} {each.rule.id} {each.text} {each.addresses}" for each in report.findings)
    doubts = (f"{each.span} {each.rule.id} unknown: {each.reason} [{each.address}]" for each in report.doubts)
    return Counter([*findings, *doubts]), len(report.problems)


def main() -> int:
    """Runs the comparison; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", type=Path, nargs="+", metavar="DIRECTORY")
    different = 0
    for directory in parser.parse_args().directories:
        pruned, problems = verdicts(directory)
        with unpruned():
            whole, more = verdicts(directory)
        counts = f"{pruned.total()} verdicts and {problems} problems pruned, {whole.total()} and {more} not"
        print(f"{directory.name}: {counts}")
        for sign, only in (("-", whole - pruned), ("+", pruned - whole)):
            different += only.total()
            for verdict in sorted(only):
                print(f"  {sign} {verdict}")
    return min(different, 1)


if __name__ == "__main__":
    sys.exit(main())
