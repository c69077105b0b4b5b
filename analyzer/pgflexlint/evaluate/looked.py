"""What an evaluation has looked at: what several of them, in processes of their own, have to tell of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct, field
from msgspec.structs import replace

from pgflexlint.problem import Problem
from pgflexlint.source import Span


class Looked(Struct):
    """Collects it. All paths are relative to the workspace root."""

    analysed: set[str] = field(default_factory=set)
    """The files that were parsed for what they declare."""
    comments: dict[str, tuple[tuple[str, Span], ...]] = field(default_factory=dict)
    """Their comments, by file."""
    inputs: set[str] = field(default_factory=set)
    """Those of the files that give values to what others declare."""
    evaluated: set[str] = field(default_factory=set)
    """The modules that are deployed."""
    dismissed: set[str] = field(default_factory=set)
    """The modules that some caller deploys zero times."""
    variables: set[str] = field(default_factory=set)
    """The names of the variables that roots declare."""
    twins: set[str] = field(default_factory=set)
    """The compiled templates that stand beside the Bicep file that they are made of."""
    problems: list[Problem] = field(default_factory=list)
    """What could not be looked at and belongs to no deployment."""

    def add(self, path: str, comments: Iterable[tuple[str, Span]]) -> None:
        """Take a file that was parsed."""
        if path not in self.comments:
            self.analysed.add(path)
            self.comments[path] = tuple(comments)

    def add_inputs(self, path: str, comments: Iterable[tuple[str, Span]]) -> None:
        """Take a file of values that was parsed."""
        self.inputs.add(path)
        self.add(path, comments)

    def without(self, comments: Callable[[tuple[str, Span]], bool]) -> Looked:
        """The same without some comments."""
        kept = {path: tuple(each for each in found if not comments(each)) for path, found in self.comments.items()}
        return replace(self, comments={path: found for path, found in kept.items() if found})

    def update(self, other: Looked) -> None:
        """Take what another one has."""
        for each in self.__struct_fields__:
            mine, theirs = getattr(self, each), getattr(other, each)
            if isinstance(mine, list):
                mine += theirs
            else:
                mine.update(theirs)
