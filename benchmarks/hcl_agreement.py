"""Compares the HCL reader's verdict on files with Terraform's: `python benchmarks/hcl_agreement.py DIRECTORY …`.

Every `.tf` and `.tfvars` file below the directories is read by `pgflexlint.syntax.hcl` and, where `terraform` is
installed, by `terraform fmt`, which exits with an error exactly where a file is not HCL. Prints the counts, the speed,
and each file about which the two disagree; exits with 1 where there is one.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pgflexlint.problem import Problem
from pgflexlint.source import SourceFile, UnreadableError
from pgflexlint.syntax.hcl.reader import read
from pgflexlint.workspace import decode

_PER_CALL = 100
"""How many files one run of Terraform gets."""


def main() -> int:
    """Runs the comparison; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="+", type=Path)
    files = [
        path
        for directory in parser.parse_args().directories
        for pattern in ("*.tf", "*.tfvars")
        for path in sorted(directory.rglob(pattern))
        if path.is_file() and _is_text(path)
    ]
    sources = [decode(str(path), path.read_bytes()) for path in files]
    read(SourceFile("", ""))  # the table is loaded once in a process
    start = time.perf_counter()
    problems = {path: read(source).problems for path, source in zip(files, sources, strict=True)}
    seconds = time.perf_counter() - start
    size = sum(path.stat().st_size for path in files) / 1024
    print(f"{len(files)} files, {size:,.0f} KiB, read in {seconds:.2f} s: {size / seconds:,.0f} KiB/s.")
    print(f"{sum(not found for found in problems.values())} accepted by pgflexlint.")
    if shutil.which("terraform") is None:
        print("terraform is not installed.")
        return 0
    batches = [files[start : start + _PER_CALL] for start in range(0, len(files), _PER_CALL)]
    with ThreadPoolExecutor() as pool:
        refused = {path for batch in pool.map(_refused, batches) for path in batch}
    print(f"{len(files) - len(refused)} accepted by terraform.")
    differences = [path for path in files if bool(problems[path]) != (path in refused)]
    for path in differences:
        print(f"{path}: terraform {'refuses' if path in refused else 'accepts'} it; {_words(problems[path])}")
    print(f"{len(differences)} differences.")
    return 1 if differences else 0


def _is_text(path: Path) -> bool:
    try:
        decode(str(path), path.read_bytes())
    except UnreadableError:
        return False
    return True


def _refused(batch: list[Path]) -> set[Path]:
    """Those of the files in which Terraform finds a syntax error."""
    command = ["terraform", "fmt", "-no-color", "-list=false", "-write=false", *map(str, batch)]
    said = subprocess.run(command, capture_output=True, check=False, encoding="utf-8").stderr
    return {Path(path) for path in re.findall(r"^\s+on (.+) line \d+", said, re.MULTILINE)} & set(batch)


def _words(problems: tuple[Problem, ...]) -> str:
    return "; ".join(f"{problem.span} {problem.message}" for problem in problems) or "pgflexlint has no problem with it"


if __name__ == "__main__":
    sys.exit(main())
