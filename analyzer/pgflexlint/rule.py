"""The contract of a rule: what it says about itself, and what its check answers.

A check is a function of one subject of the model. It yields a `Fail` for each thing that is wrong and an
`Undecided` for each that cannot be told; for a subject that passes, or to which it does not apply, it yields nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple, TypeAlias, TypeVar

from msgspec import Struct, field

from pgflexlint.level import Level
from pgflexlint.model import Part, Server
from pgflexlint.resource import Language
from pgflexlint.source import Span
from pgflexlint.values import Known, Origin, Step, Unknown, Value, decide

T = TypeVar("T")


class Related(NamedTuple):
    """Another place that has to do with a finding."""

    span: Span
    text: str
    """A sentence with a full stop that says what is there."""


class Fail(Struct, frozen=True):
    """Something is wrong."""

    at: Value[Any] | Span
    """The value that is wrong, with its trace; or the header of a resource that lacks something."""
    message: str
    """A key of the rule's `messages`."""
    arguments: tuple[str, ...] = ()
    """What goes into the `{0}`, `{1}`, … of the message. Never a secret."""
    level: Level | None = None
    """Where it differs from the rule's."""
    part: Part | None = None
    """The part that it is about, where that is not the subject itself."""
    related: tuple[Related, ...] = ()
    instead: str | bool | None = None
    """What to write in the place of the value, where that alone mends it."""


class Undecided(Struct, frozen=True):
    """It cannot be told whether something is wrong."""

    why: Unknown


Verdict: TypeAlias = Fail | Undecided
Verdicts: TypeAlias = Iterator[Verdict]
Check: TypeAlias = Callable[..., Verdicts]
"""Of a subject, and of the rule's options by keyword."""


TODAY = date.min
"""As the default of an option: the day of the run."""


class Option(NamedTuple):
    """What a user may set of a rule."""

    name: str
    """In snake case: the keyword under which the check is given it."""
    default: Any
    """A number, a text, a date, a tuple of texts or a truth value; what a user sets must be of the same type."""
    summary: str
    """What it is, with its unit, in one sentence with a full stop."""
    least: int | None = None
    most: int | None = None
    """Bounds of a number, included."""
    pattern: str = ""
    """A regular expression that a text, or each of several, must match as a whole; "" for any."""
    example: str = ""
    """Such a text."""

    @property
    def key(self) -> str:
        """How it is spelled in the configuration: with hyphens, as all keys are."""
        return self.name.replace("_", "-")


class Rule(Struct, frozen=True, kw_only=True):
    """One rule: metadata, prose and logic together."""

    id: str
    """`PGF` and three digits; never changes and is never used again."""
    slug: str
    """Names what is wrong, so that "allow <slug>" reads well."""
    summary: str
    """What is wrong, in one sentence with a full stop."""
    level: Level
    security_severity: float
    """GitHub's scale: above 9.0 critical, 7.0 high, 4.0 medium, below low."""
    messages: Mapping[str, str]
    """By key, the sentence for a `Fail`, with `'{0}'`, … for its arguments. It begins with the problem, its
    first sentence is at most 120 characters, and it ends with a full stop."""
    why: str
    """The attack or the outage, in two sentences."""
    fix_terraform: str
    """What to write in Terraform; starts with a verb."""
    fix_template: str
    """What to write in Bicep and ARM JSON, and in ARM inside Terraform; starts with a verb."""
    limits: str
    """What the rule does not check, when it is undecided, and its exceptions."""
    references: tuple[str, ...]
    """Pages of Microsoft Learn first."""
    check: Check
    subject: type[Part] = Server
    """The kind of model part that the check is called with; `Part` for every part."""
    about_source: bool = False
    """It is about what is written, which is wrong whether or not the resource turns out to be deployed."""
    default: bool = True
    """On unless deselected."""
    options: tuple[Option, ...] = ()
    precision: str = "high"
    """SARIF consumers' scale: very-high, high, medium, low."""
    cwe: tuple[int, ...] = ()
    policies: tuple[str, ...] = ()
    """Ids of the built-in Azure Policy definitions that ask the same, most alike first."""
    controls: tuple[str, ...] = ()
    """Benchmark controls, such as `CIS Azure Foundations 3.0.0 5.2.1` or `MCSB DP-3`."""
    peers: tuple[str, ...] = ()
    """Equivalent rules of other tools; `(single server)` where they cover only that."""
    not_in: Mapping[Language, str] = field(default_factory=dict)
    """Languages in which the rule has no meaning, each with the reason."""

    @property
    def name(self) -> str:
        """The slug in Pascal case, as SARIF wants it (Multitool rule SARIF2012)."""
        return "".join(word.capitalize() for word in self.slug.split("-"))

    @property
    def page(self) -> str:
        """The path of the rule's page in the repository."""
        return f"docs/rules/{self.id}.md"

    def judge(self, subject: Part, options: Mapping[str, Any] | None = None) -> Verdicts:
        """The verdicts on a subject, with some of the options set by their names."""
        defaults = {option.name: date.today() if option.default is TODAY else option.default for option in self.options}
        return self.check(subject, **{**defaults, **(options or {})})

    def fix(self, language: Language, *, as_arm: bool = False) -> str:
        """What to write, in the words of a language, or of ARM inside it."""
        return self.fix_terraform if language is Language.TERRAFORM and not as_arm else self.fix_template


def forbid(
    value: Value[T],
    wrong: Callable[[T], bool],
    message: str,
    *arguments: str,
    at: Value[Any] | Span | None = None,
    level: Level | None = None,
    part: Part | None = None,
    instead: str | bool | None = None,
) -> Verdicts:
    """Fail if `wrong` is true of the value, and be undecided if that is unknown.

    `at` is the place of the failure if it is not the value. The others are as in `Fail`.
    """
    answer = decide(value, wrong)
    if isinstance(answer, Unknown):
        yield Undecided(answer)
    elif answer:
        yield Fail(value if at is None else at, message, arguments, level, part, instead=instead)


def default_level(value: Value[Any], written: Level, defaulted: Level) -> Level:
    """A level that depends on whether somebody wrote the value or the platform decided it."""
    possible = (value,) if isinstance(value, Known) else value.candidates
    return defaulted if possible and all(each.origin is Origin.DEFAULT for each in possible) else written


__all__ = [
    "TODAY", "Check", "Fail", "Level", "Option", "Related", "Rule", "Span", "Step", "Undecided", "Verdict",
    "Verdicts", "default_level", "forbid",
]  # fmt: skip
