"""What the evaluators of Terraform and of templates have in common: roots, each evaluated by itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from pgflexlint.evaluate.visited import Visited
from pgflexlint.resource import Deployment


class Evaluator(ABC):
    """Evaluates the roots of one kind in a target."""

    roots: tuple[str, ...]
    """Those that are deployed by themselves, whatever becomes of the others."""
    others: tuple[str, ...]
    """Those that are evaluated by themselves where it turns out that nobody calls them, in this order."""

    @property
    @abstractmethod
    def visited(self) -> Visited:
        """What was looked at so far."""

    def prepare(self) -> None:  # noqa: B027 - there need not be anything to do
        """To be called before the first root is evaluated."""

    @abstractmethod
    def of(self, name: str) -> Iterator[Deployment]:
        """The deployments of one root, or of one of the others; none where there is nothing to deploy."""

    @abstractmethod
    def remaining(self) -> Iterator[str]:
        """After the roots: those of the others that nobody has called so far; to be evaluated one after the other."""

    def conclude(self) -> None:  # noqa: B027 - there need not be anything to do
        """To be called when everything is evaluated."""

    def in_turn(self) -> Iterator[str]:
        """The roots, then those of the others that nobody called.

        Whoever iterates evaluates each one before asking for the next.
        """
        yield from self.roots
        yield from self.remaining()
        self.conclude()

    def deployments(self) -> Iterator[Deployment]:
        """Everything, evaluated."""
        self.prepare()
        for name in self.in_turn():
            yield from self.of(name)
