"""A short run of what `python -m fuzz` does for long, and what it found before."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest
from fuzz import seeds
from fuzz.__main__ import TARGETS as NAMES
from fuzz.__main__ import inputs
from fuzz.guard import broken, smaller
from fuzz.mutation import Mutator
from fuzz.targets import SECRET, TARGETS, project
from fuzz.terraform_fmt import main as compare_with_terraform

from pgflexlint.baseline import loads
from pgflexlint.configfile import load
from pgflexlint.source import SourceFile
from pgflexlint_rules import RULES

INPUTS = {"project": 40}
"""How many inputs a target gets, where it is not the usual number."""
FOUND = [(name, text) for name in TARGETS for text in seeds.found(name)]


@pytest.fixture(autouse=True)
def deep() -> Iterator[None]:
    """The recursion limit of the program."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(before)


def test_the_command_knows_all_targets() -> None:
    assert set(NAMES) == set(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_breaks(name: str) -> None:
    target = TARGETS[name]
    texts = list(islice(inputs(target, Mutator(target.seeds()), Random(0)), INPUTS.get(name, 250)))
    assert [(said, text) for text in texts if (said := broken(target.run, text))] == []


@pytest.mark.parametrize(("name", "text"), FOUND)
def test_what_broke_once_breaks_no_more(name: str, text: str) -> None:
    assert broken(TARGETS[name].run, text) is None


def test_the_same_seed_makes_the_same_inputs() -> None:
    target = TARGETS["hcl"]
    runs = [list(islice(inputs(target, Mutator(target.seeds()), Random(7)), 20)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert len(set(runs[0])) > 10


def test_mutation_begins_with_files_that_are_read_to_their_end() -> None:
    for text in TARGETS["configuration"].seeds():
        load(SourceFile("x.toml", text), "", RULES, prefix=())
    assert all(loads(text, "x.json").entries for text in TARGETS["baseline"].seeds())


def test_what_breaks_is_told_and_made_smaller() -> None:
    def run(text: str) -> None:
        if "x" in text and "y" in text:
            raise ValueError

    said = broken(run, "aaaxbbbyccc")
    assert said is not None
    assert said.startswith("ValueError test_fuzz.py:")
    assert smaller(run, "aaaxbbbyccc", said) == "xy"


def test_a_password_is_planted_in_each_file() -> None:
    files = project("=== main.tf\nlocals {}\n=== a/b.bicep\nvar x = 1\n=== ../c.tf\n")
    assert sorted(files) == ["a/b.bicep", "main.tf"]
    assert all(SECRET.encode() in content for content in files.values())


@pytest.mark.slow
def test_terraform_has_the_same_verdicts(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """Passes where Terraform is not installed."""
    monkeypatch.setattr(sys, "argv", ["terraform_fmt", "--inputs", "400", "--found", str(tmp_path)])
    assert compare_with_terraform() == 0
