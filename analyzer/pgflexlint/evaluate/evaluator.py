"""What the evaluators of Terraform and of templates have in common: both evaluate one root after another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from pgflexlint.evaluate.visited import Visited
from pgflexlint.resource import Deployment


class Evaluator(ABC):
    """Evaluates the roots of one kind, Terraform or templates, in a target."""

    roots: tuple[str, ...]
    """The modules that are certainly deployed by themselves."""
    others: tuple[str, ...]
    """The other modules. Each is evaluated by itself, in this order, if no root turns out to call it."""

    @property
    @abstractmethod
    def visited(self) -> Visited:
        """What was visited so far."""

    def prepare(self) -> None:  # noqa: B027 - there need not be anything to do
        """Call this before the first root is evaluated."""

    @abstractmethod
    def of(self, name: str) -> Iterator[Deployment]:
        """The deployments of one root, or of one of the others; none if there is nothing to deploy."""

    @abstractmethod
    def remaining(self) -> Iterator[str]:
        """After the roots: the others that nobody has called so far. Evaluate each one before you ask for the next."""

    def conclude(self) -> None:  # noqa: B027 - there need not be anything to do
        """Call this when everything is evaluated."""

    def in_turn(self) -> Iterator[str]:
        """The roots, then the others that nobody called. Evaluate each one before you ask for the next."""
        yield from self.roots
        yield from self.remaining()
        self.conclude()

    def deployments(self) -> Iterator[Deployment]:
        """All deployments of all of them."""
        self.prepare()
        for name in self.in_turn():
            yield from self.of(name)
