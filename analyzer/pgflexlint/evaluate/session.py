"""What the evaluators of Terraform and of templates share while they evaluate one root.

A "module" here is one directory of Terraform, or one template. A template calls other templates as modules, and a
deployment with a template inside counts as a module call, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct, field

from pgflexlint.evaluate.bounds import INSTANCE_LIMIT, Budget
from pgflexlint.evaluate.interpreter import Scope
from pgflexlint.evaluate.members import AnyValue
from pgflexlint.problem import Kind, Problem, Problems
from pgflexlint.resource import Gap
from pgflexlint.source import Span
from pgflexlint.values import Unknown


class Input(Struct, frozen=True):
    """The value of one variable or parameter."""

    value: AnyValue
    text: str
    """What it is, for traces: "variable 'tls' in prod.tfvars"."""
    from_option: bool = False
    """It is the text of `--var`. It is still to be read as an expression, unless the variable is a string."""


class Expansion(Struct, frozen=True):
    """One instance of a declaration: the only one, or one that its `count`, `for_each` or loop makes."""

    suffix: str
    """What its address ends with: nothing, `[0]` or `["key"]`, and `[?]` if nobody knows how many there are.

    Of a list whose length is unknown, the known members have `[?0]`, `[?1]`, ….
    """
    scope: Scope
    """The names for its expressions, with `count`, `each` or the variables of its loop."""
    maybe: Unknown | None = None
    """Why it is not certain that this instance exists; None if it is."""
    choices: tuple[bool, ...] = ()
    """By each possible value of `count` or `for_each`, whether it makes this instance."""
    already_judged: bool = False
    """It is a placeholder for instances beyond the bound, and one for this declaration was judged before."""
    decided_in: frozenset[str] = frozenset()
    """The files that decide that this instance exists."""
    listed: Unknown | None = None
    """Set when this instance may be several or none: the list the loop goes through."""


class ModulePath(Struct, frozen=True):
    """The path of module calls from the root to an instance of a module."""

    prefix: str = ""
    """The beginning of all addresses in it, such as `module.db["a"].` or `database.`."""
    calls: tuple[Span, ...] = ()
    """The headers of the calls, outermost first."""
    ancestors: tuple[str, ...] = ()
    """The modules from the root to this one, by directory or path."""
    maybe: Unknown | None = None
    """Why it is not certain that it is called; None if it is."""
    decided_in: frozenset[str] = frozenset()
    """The files that decide that it is called."""

    def through(self, call: str, header: Span, expansion: Expansion, ancestors: tuple[str, ...]) -> ModulePath:
        """The path of the module that an instance of a call calls. `call` is the address without the suffix."""
        return ModulePath(
            f"{self.prefix}{call}{expansion.suffix}.",
            (*self.calls, header),
            ancestors,
            expansion.maybe or self.maybe,
            expansion.decided_in | self.decided_in,
        )


ROOT = ModulePath()
"""The path of the root itself."""


class RootSession(Struct):
    """What all modules under one root share: what is found out about them, and the bounds of the work."""

    problems: Problems
    budget: Budget
    evaluated: set[str]
    """The modules that are deployed, by directory or path."""
    deployed_zero_times: set[str] = field(default_factory=set)
    """The modules that some caller deploys zero times."""
    leads_on: Callable[[str], bool] = lambda module: True
    """Whether a module may call one that has to be looked at."""
    gaps: list[Gap] = field(default_factory=list)
    """What could not be looked at and may declare resources."""
    seeds: frozenset[str] = frozenset()
    """The files that the user named. `decided_in` says what these decide, and nothing else."""
    decided_in: dict[str, frozenset[str]] = field(default_factory=dict)
    """As in `Deployment`."""
    _truncated: set[int] = field(default_factory=set)
    """The declarations, by identity, of which only a part of the instances fits into the bound."""

    def unread(self, problems: Sequence[Problem], what: str, place: Span) -> None:
        """Report parts of a module that could not be read. Anything may be declared there."""
        for problem in problems:
            self.problems.report(problem)
        if problems:
            self.gaps.append(Gap(Unknown(f"a part of the {what} could not be read", problems[0].span or place)))

    def undeclared(self, clause: str, span: Span, hint: str) -> None:
        """Report that a name is not declared."""
        self.problems.report(Problem(Kind.REFERENCE, _begun(clause), span.file.path, span, hint))

    def cycle(self, what: str, span: Span, hint: str = "Break the cycle of references.") -> Unknown:
        """Report that something, such as "output 'x'", depends on itself. Returns the unknown that stands for it."""
        message = f"{_begun(what)} depends on itself."
        self.problems.report(Problem(Kind.CYCLE, message, span.file.path, span, hint))
        return Unknown(f"{what} refers to itself", span)

    def decided(self, files: frozenset[str], types: Callable[[], Iterable[str]]) -> None:
        """Note that files decide how many resources of some types there are. `types` is called only if that matters."""
        files &= self.seeds
        if files:
            self.decided_in.update({each: self.decided_in.get(each, frozenset()) | files for each in types()})

    def no_room(self, declaration: object, span: Span) -> tuple[Unknown, bool]:
        """Report that a declaration has more instances than the bound allows.

        Returns what stands for their values, and whether a placeholder of the declaration was judged before: a module
        may be called many times, and only the first placeholder is judged.
        """
        message = f"There are more than {INSTANCE_LIMIT:,} instances of resources and modules."
        self.budget.report(message, span)
        already_judged, more = id(declaration) in self._truncated, more_instances(span)
        if not already_judged:
            self._truncated.add(id(declaration))
            self.gaps.append(Gap(more))
        return more, already_judged


def more_instances(span: Span) -> Unknown:
    """The unknown that stands for instances beyond the bound."""
    return Unknown("there are too many instances", span)


def _begun(clause: str) -> str:
    """A clause as the beginning of a sentence, with a capital letter unless it begins with an address."""
    return clause if "." in clause.split(" ", maxsplit=1)[0] else clause[0].upper() + clause[1:]
