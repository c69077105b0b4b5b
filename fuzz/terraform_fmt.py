"""Compares the HCL reader's verdicts on mutated files with Terraform's: `python -m fuzz.terraform_fmt --inputs 10000`.

`terraform fmt` refuses a file exactly where it is not HCL. Files about which the two disagree are made smaller by
nobody: they are written to `--found`, and told with what each of the two says. Needs `terraform` on the path.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from fuzz import seeds
from fuzz.mutation import Mutator
from pgflexlint.problem import Kind
from pgflexlint.source import SourceFile
from pgflexlint.syntax.hcl.reader import read

_PER_CALL = 200
"""How many files one run of Terraform gets."""


def main() -> int:
    """Runs the comparison; returns the exit code: 1 where the two disagree."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.terraform_fmt", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--found", type=Path, default=Path("build/fuzz/terraform-fmt"))
    options = parser.parse_args()
    if shutil.which("terraform") is None:
        print("terraform is not installed.")
        return 0
    texts = islice(_texts(Random(options.seed)), options.inputs)
    count = refused = 0
    different: list[str] = []
    while batch := list(islice(texts, _PER_CALL)):
        for text, said in zip(batch, verdicts(batch), strict=True):
            count += 1
            refused += said is not None
            problems = read(SourceFile("main.tf", text)).problems
            if any(each.kind is Kind.LIMIT for each in problems):
                continue
            if bool(problems) != (said is not None):
                different.append(text)
                ours = problems[0].message if problems else "nothing is wrong"
                print(f"{ours!r} and not {said!r}: {text!r}"[:1000], flush=True)
    options.found.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(different):
        (options.found / f"{options.seed}-{number}.tf").write_text(text, "utf-8")
    print(f"{count:,} files, of which terraform refuses {refused:,}; {len(different)} differences.")
    return 1 if different else 0


def _texts(random: Random) -> Iterator[str]:
    """Mutated fixtures, a few statements each, so that most have no more than one mistake."""
    statements = [
        part for text in seeds.texts(".tf") for part in re.split(r"(?<=\n\}\n)", text) if 0 < len(part) < 1500
    ]
    mutator = Mutator([*statements, *seeds.found("hcl")])
    while True:
        text = mutator.fresh(random)
        if "\r" not in text.replace("\r\n", "") and "\ufeff" not in text[1:]:
            yield text


def verdicts(texts: list[str]) -> list[str | None]:
    """What Terraform finds wrong with each text; None where that is nothing."""
    with TemporaryDirectory(prefix="pgflexlint-fuzz-") as directory:
        paths = [Path(directory) / f"{number}.tf" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_bytes(text.encode())
        command = ["terraform", "fmt", "-no-color", "-list=false", "-write=false", *map(str, paths)]
        said = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", errors="replace").stderr
    found: dict[int, str] = {}
    for error in re.finditer(r"Error: (?P<what>[^\n]*)\n\n\s+on \S*?(?P<number>\d+)\.tf line \d+", said):
        found.setdefault(int(error["number"]), error["what"])
    return [found.get(number) for number in range(len(texts))]


if __name__ == "__main__":
    sys.exit(main())
