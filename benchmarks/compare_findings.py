"""Counts what pgflexlint and Checkov find in the fixtures of rules that both have: `compare_findings.py CHECKOV`.

Every fixture is alone in a directory, as our tests look at it; Checkov looks at all of them in one run, with every
framework that it has for the three languages. Only the check that asks the same is counted, and of it what is reported
of flexible servers. The fixtures are ours: they hold what pgflexlint is meant to cope with, which favours it. Prints a
Markdown table.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from pgflexlint.analysis import analyze
from pgflexlint.discover import target
from pgflexlint.rule import Rule
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES

ROOT = Path(__file__).resolve().parent.parent
CASES = ("fail", "pass", "unknown")
LANGUAGES = {".tf": "Terraform", ".bicep": "Bicep", ".json": "ARM JSON"}
_CHECK = re.compile(r"Checkov (CKV2?_AZURE_\d+)$")


def main() -> int:
    """Runs the comparison; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkov", type=Path, help="the program")
    options = parser.parse_args()
    pairs = [(rule, match[1]) for rule in RULES for peer in rule.peers if (match := _CHECK.fullmatch(peer))]
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        fixtures = list(alone({rule.id for rule, _ in pairs}, room))
        theirs = found_by(options.checkov, room)
        print("| rule | check of Checkov | language | " + " | ".join(f"`{case}`" for case in CASES) + " |")
        print("|---|---|---|" + "---|" * len(CASES))
        for rule, check in pairs:
            for suffix, language in LANGUAGES.items():
                cells = [
                    f"{ours(rule, path)} : {theirs[check, path]}" if path in fixtures else ""
                    for path in (room / f"{rule.id}-{case}-{suffix[1:]}" / f"{case}{suffix}" for case in CASES)
                ]
                print(f"| {rule.id} | {check} | {language} | {' | '.join(cells)} |")
    return 0


def alone(ids: set[str], room: Path) -> list[Path]:
    """Copies of the fixtures of some rules, each in a directory of its own."""
    copies = []
    for path in sorted((ROOT / "fixtures").glob("PGF*/*")):
        if path.parent.name in ids and path.stem in CASES and path.suffix in LANGUAGES:
            directory = room / f"{path.parent.name}-{path.stem}-{path.suffix[1:]}"
            directory.mkdir()
            copies.append(Path(shutil.copy(path, directory)))
    return copies


def ours(rule: Rule, path: Path) -> int:
    """How many findings a rule has in a file."""
    return len(analyze(target([str(path.parent)], [], path.parent), [rule], RULES, Settings()).findings)


def found_by(checkov: Path, room: Path) -> Counter[tuple[str, Path]]:
    """How often each check of Checkov fails in each file, for flexible servers and what belongs to them."""
    command = [str(checkov), "--framework", "terraform", "bicep", "arm", "--skip-download", "--quiet", "-o", "json"]
    environment = {"PATH": os.defpath, "HOME": str(room), "LANG": "C.UTF-8"}
    ended = subprocess.run([*command, "-d", str(room)], capture_output=True, text=True, check=False, env=environment)
    reports = json.loads(ended.stdout)
    failed: Counter[tuple[str, Path]] = Counter()
    for report in reports if isinstance(reports, list) else [reports]:
        for check in report.get("results", {}).get("failed_checks", ()):
            if "flexible" in check["resource"].lower():
                failed[check["check_id"], room / check["file_path"].lstrip("/")] += 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
