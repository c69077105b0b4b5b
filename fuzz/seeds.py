"""The seed corpus: the fixtures, and what once broke something."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOUND = Path(__file__).resolve().parent / "found"
"""A directory for each target, of inputs that once broke it: they are run again by the tests."""
_LONGEST = 6_000
"""Larger files make slow seeds."""


@lru_cache
def texts(*suffixes: str) -> tuple[str, ...]:
    """The fixtures that end so, as text."""
    paths = [*(ROOT / "fixtures").rglob("*"), *(ROOT / "tests" / "data" / "terraform").rglob("*")]
    files = (path for path in sorted(paths) if path.name.endswith(suffixes))
    return tuple(path.read_text("utf-8") for path in files if path.stat().st_size <= _LONGEST)


@lru_cache
def projects() -> tuple[str, ...]:
    """Whole projects: each fixture by itself, and directories of them."""
    alone = [
        written({f"main{suffix}": text})
        for suffix in (".tf", ".bicep", ".json")
        for text in texts(suffix)
        if suffix != ".json" or "deploymentTemplate" in text
    ]
    directories = [*(ROOT / "fixtures" / "projects").iterdir(), *(ROOT / "tests" / "data" / "terraform").iterdir()]
    return (*alone, *(written(_files(directory)) for directory in sorted(directories) if directory.is_dir()))


def _files(directory: Path) -> dict[str, str]:
    suffixes = (".tf", ".tfvars", ".bicep", ".bicepparam", ".json", ".toml")
    paths = (path for path in sorted(directory.rglob("*")) if path.suffix in suffixes and path.name != "outputs.json")
    return {path.relative_to(directory).as_posix(): path.read_text("utf-8") for path in paths}


def written(files: dict[str, str]) -> str:
    """Several files as one text: a line `=== path` before each."""
    return "".join(f"=== {path}\n{text}" + "\n" * (not text.endswith("\n")) for path, text in files.items())


def found(target: str) -> tuple[str, ...]:
    """The inputs that once broke a target."""
    return tuple(path.read_bytes().decode("utf-8") for path in sorted((FOUND / target).glob("*")))
