"""Scenarios of the configuration: the sets of inputs that a root is deployed with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Scenario(NamedTuple):
    """A root and one set of inputs. A root that has scenarios is judged with each of them, and with no other inputs."""

    root: str
    """The directory of a Terraform root module, or the path of a template, relative to the workspace root."""
    files: tuple[str, ...]
    """Variable or parameter files, relative to the workspace root; the last one wins."""
    name: str
    """Its name in reports; unique for the root."""


def of_root(scenarios: Iterable[Scenario], root: str) -> list[Scenario]:
    """The scenarios of one root."""
    return [scenario for scenario in scenarios if scenario.root == root]


def roots_of(scenarios: Iterable[Scenario], files: Iterable[str]) -> set[str]:
    """The roots that have a scenario with one of some files."""
    inputs = set(files)
    return {scenario.root for scenario in scenarios if inputs & set(scenario.files)}
