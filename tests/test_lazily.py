"""Regular expressions that are compiled late: what is wrong with one is found here, not by whoever needs it first."""

from __future__ import annotations

import importlib
import pkgutil
import re
from types import ModuleType

import pytest

import pgflexlint
import pgflexlint_rules
from pgflexlint.lazily import compiled

MODULES = sorted(
    module.name
    for package in (pgflexlint, pgflexlint_rules)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.endswith("__main__")
)


def late(module: ModuleType) -> list[tuple[str, re.Pattern[str]]]:
    """The expressions of a module, each with its name."""
    kind = type(compiled(""))
    return [(name, value) for name, value in vars(module).items() if isinstance(value, kind)]


@pytest.mark.parametrize("name", MODULES)
def test_every_expression_of_a_module_compiles(name: str) -> None:
    for _, pattern in late(importlib.import_module(name)):
        assert isinstance(pattern.pattern, str | bytes)


def test_there_are_such_expressions() -> None:
    assert sum(len(late(importlib.import_module(name))) for name in MODULES) > 100


def test_what_is_compiled_late_behaves_like_what_is_compiled() -> None:
    late_one, one = compiled(r"(?P<word>[a-z]+)\d", re.IGNORECASE), re.compile(r"(?P<word>[a-z]+)\d", re.IGNORECASE)
    assert [match["word"] for match in late_one.finditer("A1 b2")] == [m["word"] for m in one.finditer("A1 b2")]
    assert (late_one.flags, late_one.groupindex) == (one.flags, one.groupindex)
    with pytest.raises(AttributeError):
        _ = late_one.none  # type: ignore[attr-defined]


def test_bytes_are_searched_too() -> None:
    assert compiled(b"a+").sub(b"b", b"caat") == b"cbt"
