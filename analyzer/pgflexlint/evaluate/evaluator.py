"""What the evaluators of Terraform and of templates have in common: both evaluate one root after another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import ClassVar, Protocol

from pgflexlint.evaluate.bounds import Deployments, SpentError, spent
from pgflexlint.evaluate.names import fully_evaluated
from pgflexlint.evaluate.session import RootSession
from pgflexlint.evaluate.visited import Visited
from pgflexlint.problem import Kind, Problem
from pgflexlint.resource import Deployment, Gap, Resource
from pgflexlint.source import Span
from pgflexlint.values import Unknown


class RootInstance(Protocol):
    """A root module or template with its inputs."""

    def resources(self) -> Iterator[Resource]:
        """The resources of the root and of all that it calls."""

    def output_resources(self) -> Iterator[Resource]:
        """The outputs that others may read after the deployment."""


class Evaluator(ABC):
    """Evaluates the roots of one kind, Terraform or templates, in a target."""

    roots: tuple[str, ...]
    """The modules that are certainly deployed by themselves."""
    others: tuple[str, ...]
    """The other modules. Each is evaluated by itself, in this order, if no root turns out to call it."""
    too_much_work: ClassVar[str]
    """The hint for a root that takes too much work."""

    def __init__(self, outputs_matter: Callable[[Collection[Resource]], bool]) -> None:
        """`outputs_matter` tells from the resources of a root whether its outputs are looked at."""
        self._outputs_matter = outputs_matter
        self._visited = Visited()
        self._work: defaultdict[str, Deployments] = defaultdict(Deployments)

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

    def _deployment(
        self,
        root: str,
        scenario: str,
        session: RootSession,
        instance: Callable[[], RootInstance],
        *,
        place: Span,
        whole: bool,
        resources: Iterable[Resource] = (),
    ) -> Deployment:
        """The deployment of one root. `instance` starts its evaluation in `session`.

        If that takes too much work, this is reported at `place`, and the deployment has a gap. `resources` are those
        that are known before. `whole` is as in `Deployment`.
        """
        found = list(resources)
        work = self._work[root]
        try:
            work.begin(scenario)
            begun = instance()
            found += begun.resources()
            found += begun.output_resources() if self._outputs_matter(found) else ()
            found = list(fully_evaluated(found, session.budget))
        except (SpentError, RecursionError) as error:
            session.problems.report(Problem(Kind.LIMIT, spent(error), place.file.path, place, self.too_much_work))
            session.gaps.append(Gap(Unknown("the limit on the work for this root was exceeded", place)))
        work.end(session.budget, len(found))
        return Deployment(
            root,
            scenario,
            tuple(found),
            tuple(session.gaps),
            tuple(session.problems),
            whole,
            decided_in=session.decided_in,
        )

    def deployments(self) -> Iterator[Deployment]:
        """All deployments of all of them."""
        self.prepare()
        for name in self.in_turn():
            yield from self.of(name)
