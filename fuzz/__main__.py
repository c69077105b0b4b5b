"""Fuzz for a while: `python -m fuzz [TARGET …] --inputs 100000 --seed 1`.

Coverage-guided where `atheris` is installed, by mutation of the seeds otherwise. Each target runs in a process of its
own. What breaks is made smaller and kept in the directory that `--found` names; exits with 1 where something did.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from fuzz.guard import broken, limit_memory, smaller
from fuzz.mutation import LENGTH_LIMIT, Mutator

TARGETS = (
    "hcl", "terraform-json", "bicep", "arm", "terraform-expression", "bicep-expression", "arm-expression", "project",
    "configuration", "baseline",
)  # fmt: skip
"""The names of all targets, without importing them: what is imported early is not instrumented."""
_SHRUNK = 20
"""How many of those that break are made smaller, which takes time."""


class _Session:
    """The inputs of one target, and what broke on them."""

    def __init__(self, name: str, options: argparse.Namespace) -> None:
        self._name, self._options = name, options
        self.target = import_module("fuzz.targets").TARGETS[name]
        self.mutator = Mutator([*self.target.seeds(), *import_module("fuzz.seeds").found(name)])
        self._count = 0
        self._begin = time.monotonic()
        self._slowest = 0.0
        self._known: dict[str, int] = {}

    def one(self, text: str) -> None:
        """Try an input."""
        before = time.process_time()
        said = broken(self.target.run, text)
        self._slowest = max(self._slowest, time.process_time() - before)
        self._count += 1
        if said is not None:
            self._keep(text, said)
        if self._count % 1000 == 0 or self._count == self._options.inputs:
            self._tell()

    def _keep(self, text: str, said: str) -> None:
        self._known[said] = self._known.get(said, 0) + 1
        if self._known[said] > 1:
            return
        if len(self._known) <= _SHRUNK and not said.startswith(("Hang", "MemoryError")):
            text = smaller(self.target.run, text, said)
        directory = self._options.found / self._name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / hashlib.sha256(text.encode()).hexdigest()[:12]).write_bytes(text.encode())
        print(f"{self._name}: {said}", flush=True)

    def _tell(self) -> None:
        directory: Path = self._options.found
        directory.mkdir(parents=True, exist_ok=True)
        told = {
            "target": self._name, "engine": self._options.engine, "seed": self._options.seed, "inputs": self._count,
            "seconds": round(time.monotonic() - self._begin), "slowest": round(self._slowest, 2), "broken": self._known,
        }  # fmt: skip
        path = directory / f"{self._name}-{self._options.engine}-{self._options.seed}.json"
        path.write_text(json.dumps(told, indent=2) + "\n", "utf-8")


def main() -> int:
    """Runs the fuzzing; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)} (default: all)")
    parser.add_argument("--inputs", type=int, default=100_000, help="for each target (default: 100000)")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other inputs (default: 1)")
    parser.add_argument("--found", type=Path, default=Path("build/fuzz"), help="for what breaks (default: build/fuzz)")
    parser.add_argument("--engine", choices=("atheris", "mutation"),
        default="atheris" if find_spec("atheris") else "mutation")  # fmt: skip
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"There is no target {', '.join(sorted(unknown))}.")
    if options.worker:
        (name,) = names
        return _guided(name, options) if options.engine == "atheris" else _mutated(name, options)
    before = set(options.found.glob("*/*"))
    flags = [f"--{flag}={getattr(options, flag)}" for flag in ("inputs", "seed", "found", "engine")]
    codes = [subprocess.call([sys.executable, "-m", "fuzz", "--worker", *flags, name]) for name in names]
    return 1 if set(options.found.glob("*/*")) - before or any(codes) else 0


def inputs(target: Any, mutator: Mutator, random: Random) -> Iterator[str]:
    """Inputs without end for a `FuzzTarget`, the same ones for the same seed."""
    generate = target.generate
    while True:
        if generate is not None and random.random() < 0.5:
            yield generate(random)
        else:
            yield mutator.fresh(random)


def _mutated(name: str, options: argparse.Namespace) -> int:
    session = _Session(name, options)
    sys.setrecursionlimit(20_000)
    limit_memory()
    for text in islice(inputs(session.target, session.mutator, Random(options.seed)), options.inputs):
        session.one(text)
    return 0


def _guided(name: str, options: argparse.Namespace) -> int:
    import atheris  # type: ignore[import-untyped]  # noqa: PLC0415 - need not be installed

    with atheris.instrument_imports(include=["pgflexlint", "pgflexlint_rules"]):
        session = _Session(name, options)
    sys.setrecursionlimit(20_000)

    def one(data: bytes) -> None:
        session.one(data.decode("utf-8", errors="replace"))

    def changed(data: bytes, size: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < 0.1:
            return bytes(atheris.Mutate(data, size))
        generate: Callable[[Random], str] | None = session.target.generate
        if generate is not None and random.random() < 0.3:
            return generate(random).encode()[:size]
        text = data.decode("utf-8", errors="replace")
        return session.mutator.changed(text, random).encode()[:size]

    corpus = options.found / f"corpus-{name}-{options.seed}"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in session.mutator.seeds:
        (corpus / hashlib.sha256(seed.encode()).hexdigest()[:16]).write_bytes(seed.encode())
    flags = [f"-runs={options.inputs}", f"-seed={options.seed}", f"-max_len={LENGTH_LIMIT}", "-timeout=60",
             "-rss_limit_mb=1024", "-verbosity=0", f"-artifact_prefix={options.found}/"]  # fmt: skip
    atheris.Setup(["fuzz", *flags, str(corpus)], one, custom_mutator=changed)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
