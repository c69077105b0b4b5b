"""Counts the Bicep files that the reader accepts, and how fast: `python benchmarks/bicep_coverage.py DIRECTORY …`.

Every `.bicep` and `.bicepparam` file below the directories is read by `pgflexlint.syntax.bicep`. Prints the counts, the
speed, and each file that is refused with its first problem; exits with 1 where there is one. A checkout of
https://github.com/Azure/bicep-registry-modules is a good choice: Microsoft compiles all of it.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from pgflexlint.source import SourceFile
from pgflexlint.syntax.bicep.reader import read
from pgflexlint.workspace import decode


def main() -> int:
    """Reads the files; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="read all files N times, tell the fastest")
    arguments = parser.parse_args()
    paths = [
        path
        for directory in arguments.directories
        for path in sorted(directory.rglob("*.bicep*"))
        if path.suffix in {".bicep", ".bicepparam"} and path.is_file()
    ]
    sources = [decode(str(path), path.read_bytes()) for path in paths]
    read(SourceFile("", ""))  # the table is loaded once in a process
    seconds = float("inf")
    refused = []
    for _ in range(arguments.rounds):
        start = time.perf_counter()
        refused = [problems[0] for source in sources if (problems := read(source).problems)]
        seconds = min(seconds, time.perf_counter() - start)
    size = sum(path.stat().st_size for path in paths) / 1024
    print(f"{len(paths)} files, {size:,.0f} KiB, read in {seconds:.2f} s: {size / seconds:,.0f} KiB/s.")
    print(f"{len(paths) - len(refused)} accepted, {len(refused)} refused.")
    for problem in refused:
        print(f"{problem.span}: {problem.message}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
