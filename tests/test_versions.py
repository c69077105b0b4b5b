"""Version constraints against a model that counts one by one, and the pins of a root through the real readers."""

from __future__ import annotations

import operator
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgflexlint.discover import target
from pgflexlint.evaluate.terraform.roots import TerraformEvaluator
from pgflexlint.evaluate.terraform.survey import TerraformSurvey
from pgflexlint.normalize import assemble
from pgflexlint.normalize.versions import Constraint, Pin, Version, exact, pinned

HIGH = 5
"""No number of a constraint under test is higher; the versions above stand for all that are."""
SPACE = [(major, minor, patch) for major, minor, patch in product(range(HIGH + 2), repeat=3)]
NUMBERS = st.lists(st.integers(0, HIGH), min_size=1, max_size=3)
OPERATORS = {
    "": operator.eq, "=": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt,
    "<=": operator.le,
}  # fmt: skip
CONDITIONS = st.tuples(st.sampled_from([*OPERATORS, "~>"]), NUMBERS)


def spelled(conditions: list[tuple[str, list[int]]]) -> str:
    return ", ".join(f"{word} {'.'.join(map(str, numbers))}".strip() for word, numbers in conditions)


def model(conditions: list[tuple[str, list[int]]], version: Version) -> bool:
    """As the documentation has it: each condition compares; `~>` lets only the rightmost number rise."""
    for word, numbers in conditions:
        bound = (*numbers, 0, 0)[:3]
        if word == "~>":
            kept = max(len(numbers) - 1, 1)
            if version < bound or list(version[:kept]) != numbers[:kept]:
                return False
        elif not OPERATORS[word](version, bound):
            return False
    return True


@given(st.lists(CONDITIONS, min_size=1, max_size=4), st.sampled_from(SPACE))
def test_constraints_allow_what_the_model_allows(conditions: list[tuple[str, list[int]]], since: Version) -> None:
    constraint = Constraint.parse(spelled(conditions))
    assert constraint is not None
    allowed = [version for version in SPACE if model(conditions, version)]
    assert [version for version in SPACE if constraint.allows(version)] == allowed
    assert constraint.may_be(since) == any(version >= since for version in allowed)


@pytest.mark.parametrize("text", ["", "latest", ">= 1.2.3.4", "~ 1", "=> 1", "1.2, ", "1.0.0-beta", "^1", "٣.١"])
def test_what_is_no_constraint(text: str) -> None:
    assert Constraint.parse(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.2.3", (1, 2, 3)),
        ("v1.2", (1, 2, 0)),
        ("= 4", (4, 0, 0)),
        ("~> 1.2", None),
        ("main", None),
        ("1.2.3-rc1", None),
    ],
)
def test_exact(text: str, expected: Version | None) -> None:
    assert exact(text) == expected


@given(st.text())
def test_anything_may_be_parsed(text: str) -> None:
    constraint = Constraint.parse(text)
    assert constraint is None or constraint.may_be((0, 0, 0)) in (True, False)


def pin(room: Path, files: dict[str, str]) -> Pin:
    for name, text in files.items():
        (room / name).parent.mkdir(parents=True, exist_ok=True)
        (room / name).write_text(text, encoding="utf-8")
    found = target([str(room)], [], room)
    [deployment] = TerraformEvaluator(
        TerraformSurvey(found.workspace, found.directories, lambda text: True), assemble.wanted
    ).deployments()
    assert not deployment.problems
    return pinned(assemble.context_of(deployment), "azurerm")


REQUIRED = 'terraform {\n  required_providers {\n    azurerm = %s\n  }\n}\nprovider "azurerm" {\n  features {}\n}\n'
LOCK = """\
# This file is maintained automatically by "terraform init".
provider "registry.terraform.io/hashicorp/azurerm" {
  version     = "3.104.2"
  constraints = ">= 3.90.0"
  hashes = [
    "h1:bm90IGEgaGFzaA==",
  ]
}

provider "registry.terraform.io/hashicorp/random" {
  version = "3.6.0"
}
"""
SINCE = (3, 105, 0)


@pytest.mark.parametrize(
    ("required", "may_be", "words"),
    [
        ('{ source = "hashicorp/azurerm", version = "~> 3.90" }', True, "~> 3.90"),
        ('{ source = "hashicorp/azurerm", version = "~> 3.90.0" }', False, "~> 3.90.0"),
        ('{ source = "hashicorp/azurerm", version = ">= 3, < 4" }', True, ">= 3, < 4"),
        ('{ source = "hashicorp/azurerm", version = "=3.104.9" }', False, "=3.104.9"),
        ('{ source = "hashicorp/azurerm" }', True, ""),
        ('"< 3.105"', False, "< 3.105"),
        ('"3.117.0-beta1"', None, ""),
    ],
)
def test_what_a_root_requires(required: str, may_be: bool | None, words: str, tmp_path: Path) -> None:
    found = pin(tmp_path, {"main.tf": REQUIRED % required})
    assert (found.may_be(SINCE), found.words) == (may_be, words)


def test_the_lock_file_decides(tmp_path: Path) -> None:
    found = pin(tmp_path, {"main.tf": REQUIRED % '{ version = ">= 3.90" }', ".terraform.lock.hcl": LOCK})
    assert (found.may_be(SINCE), found.words) == (False, "3.104.2")
    assert found.may_be((3, 104, 2)) is True


def test_the_requirements_of_all_modules_hold_together(tmp_path: Path) -> None:
    files = {
        "main.tf": REQUIRED % '{ version = ">= 3.90" }' + 'module "db" {\n  source = "./db"\n}\n',
        "db/main.tf": 'terraform {\n  required_providers {\n    azurerm = { version = "< 3.100" }\n  }\n}\n',
    }
    found = pin(tmp_path, files)
    assert (found.may_be(SINCE), found.words) == (False, ">= 3.90, < 3.100")


def test_what_no_version_fulfils_says_nothing(tmp_path: Path) -> None:
    files = {
        "main.tf": REQUIRED % '{ version = "<= 3.94.0" }' + 'module "db" {\n  source = "./db"\n}\n',
        "db/main.tf": 'terraform {\n  required_providers {\n    azurerm = { version = "~> 4" }\n  }\n}\n',
    }
    found = pin(tmp_path, files)
    assert (found.may_be(SINCE), found.words) == (None, "")
    assert found.doubt is not None
    assert found.doubt.reason == "no version of azurerm is '<= 3.94.0, ~> 4'"


def test_nothing_is_required(tmp_path: Path) -> None:
    found = pin(tmp_path, {"main.tf": 'provider "azurerm" {\n  features {}\n}\n'})
    assert (found.may_be(SINCE), found.words) == (True, "")
