"""What evaluators have visited: files that were parsed and modules that were evaluated.

Each process collects its own, and sends it to the first one, which puts all of them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.problem import Problem
from pgflexlint.source import Span


class Visited(Struct):
    """Collects what was visited. All paths are relative to the workspace root."""

    analysed: set[str] = field(default_factory=set)
    """The files that were parsed for what they declare."""
    comments: dict[str, tuple[tuple[str, Span], ...]] = field(default_factory=dict)
    """By file that was parsed, its comments and where they stand."""
    inputs: set[str] = field(default_factory=set)
    """The files that give values to variables and parameters, such as `*.tfvars` and parameter files."""
    evaluated: set[str] = field(default_factory=set)
    """The modules that are deployed."""
    deployed_zero_times: set[str] = field(default_factory=set)
    """The modules that some caller deploys zero times."""
    variables: set[str] = field(default_factory=set)
    """The names of the variables that roots declare."""
    compiled_copies: set[str] = field(default_factory=set)
    """The compiled templates that stand beside their Bicep source."""
    problems: list[Problem] = field(default_factory=list)
    """What could not be looked at, if it belongs to no deployment."""

    def add(self, path: str, comments: Iterable[tuple[str, Span]]) -> None:
        """Add a file that was parsed."""
        if path not in self.comments:
            self.analysed.add(path)
            self.comments[path] = tuple(comments)

    def add_inputs(self, path: str, comments: Iterable[tuple[str, Span]]) -> None:
        """Add a file of values that was parsed."""
        self.inputs.add(path)
        self.add(path, comments)

    def without(self, comments: Callable[[tuple[str, Span]], bool]) -> Visited:
        """The same without the comments for which `comments` is true."""
        kept = {path: tuple(each for each in found if not comments(each)) for path, found in self.comments.items()}
        return replace(self, comments={path: found for path, found in kept.items() if found})

    def update(self, other: Visited) -> None:
        """Add everything that another one has collected."""
        for each in self.__struct_fields__:
            mine, theirs = getattr(self, each), getattr(other, each)
            if isinstance(mine, list):
                mine += theirs
            else:
                mine.update(theirs)
