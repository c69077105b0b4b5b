"""The bounds on values and on the work for one root, because scanned files are not trusted.

- Every value of an expression goes through `Budget.admit`, so that no value is larger or deeper than the limits. That
  bounds whatever uses the value later: a comparison, a conversion, a function, a rule.
- Work on whole values goes through `Budget.work`. It counts lazy objects as well, and uses steps for its time.

A value that passes a bound raises `LimitError`. The interpreter reports a problem and goes on with an unknown value;
`try` in the scanned code does not catch it. When the steps are used up, `SpentError` ends the current evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from time import process_time
from typing import Any, NamedTuple, TypeVar

from msgspec import Struct, field

from pgflexlint.problem import Kind, Problem, Problems
from pgflexlint.source import Span
from pgflexlint.values import Known, Unknown, Value

T = TypeVar("T")

TEXT_LIMIT = 1 << 20
"""The most characters in a text, and in all texts of one value together."""
MEMBER_LIMIT = 1 << 16
"""The most members of one value, at all depths. A member that is shared counts each time."""
VALUE_DEPTH_LIMIT = 100
"""The most levels of nesting in a value."""
NUMBER_DIGITS = 400
"""The most digits in a number that is read. Terraform's own precision is about 150 digits."""
NUMBER_BITS = 1400
"""The same bound for results of arithmetic."""
MADE_LIMIT = 1 << 26
"""The most memory that the values of one root may take: one for each character, and eight for each member."""
STEP_LIMIT = 500_000
"""The most steps for one root: one for each expression; for functions, by their time."""
STEP_SECONDS = 5e-6
"""The processor time that counts as one step."""
EXTENSION = 20_000
"""How many more steps are allowed after a value was given up, so that the next ones are still evaluated."""
EXTENSIONS = 8
"""How many values may be given up before the whole root is."""
SHARED_LIMIT = 4 * STEP_LIMIT
"""The most steps for all deployments of one root together, with those for their resources."""
RESOURCE_STEPS = 100
"""How many steps each resource counts there. The rules take twice as long for a server, and less for others."""
INSTANCE_LIMIT = 4_000
"""The most instances of resources and modules in one root: the rules take five seconds for so many servers."""
MODULE_DEPTH_LIMIT = 32
"""The most levels of modules that call modules."""
LOOP_LIMIT = 1_000
"""The most instances that one loop may make. In a template, Azure deploys 800 at most.

https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-resources
"""

_SMALL = 64
"""Texts and collections up to this length are not counted."""
_MODEST = 4096
"""The largest size of values that `Budget.work` accepts after the steps were used up once."""


class LimitError(Exception):
    """A value would be too large, or too much work. The message is a sentence that names the bound."""


class SpentError(Exception):
    """The steps of a root are used up. The message is a sentence that says so."""

    def __init__(self, message: str = "") -> None:
        steps = f"Evaluating this takes more than {STEP_LIMIT:,} steps, the limit for one root."
        super().__init__(message or steps)


class Size(NamedTuple):
    """The size of a value as if it were written out."""

    members: int
    characters: int
    depth: int
    lazy: bool
    """It contains lazy objects, and each counts as one member."""

    def and_(self, other: Size) -> Size:
        """The size of two values side by side."""
        return Size(
            self.members + other.members,
            self.characters + other.characters,
            max(self.depth, other.depth),
            self.lazy or other.lazy,
        )


_ONE = Size(1, 0, 0, False)
_SCALARS = frozenset({str, int, float, bool, type(None)})
_LAZY = Size(1, 0, 0, True)


def check_size(*, texts: int = 0, items: int = 0) -> None:
    """Refuse a value that would be too large, before it is made. Raises `LimitError`."""
    if texts > TEXT_LIMIT:
        raise LimitError(f"A text would be longer than {TEXT_LIMIT:,} characters.")
    if items > MEMBER_LIMIT:
        raise LimitError(f"A value would have more than {MEMBER_LIMIT:,} members.")


def check_digits(digits: str) -> None:
    """Refuse a number that is too long before it is read. Raises `LimitError`."""
    if len(digits) > NUMBER_DIGITS:
        raise LimitError(f"A number has more than {NUMBER_DIGITS} digits.")


def check_loop(number: int) -> None:
    """Refuse a loop of resources or modules that is too long. Raises `LimitError`."""
    if number > LOOP_LIMIT:
        raise LimitError(f"A loop of {number:,} is more than the limit of {LOOP_LIMIT:,} instances.")


def too_deep() -> LimitError:
    """The error for a value that is nested too deeply."""
    return LimitError(f"A value would be nested more than {VALUE_DEPTH_LIMIT} levels deep.")


class Budget(Struct):
    """How much work is left for a root, and how much memory its values take so far."""

    problems: Problems = field(default_factory=Problems)
    """Where passed bounds are reported."""
    steps: int = STEP_LIMIT
    made: int = 0
    instances: int = 0
    extensions: int = EXTENSIONS
    """How many more values may use up the steps before the root is given up."""
    closed: bool = False
    """The root was given up or is done. Values that are asked for later are unknown."""
    _tight: bool = False
    """The steps were used up once: `work` refuses large values from then on."""
    _sizes: dict[int, tuple[Any, Size]] = field(default_factory=dict)
    """By identity, collections and their sizes. A collection is kept here so that its identity is not used again."""
    _whole: dict[int, tuple[Any, Size]] = field(default_factory=dict)
    """The same, with the members of lazy objects counted."""
    _texts: dict[int, str] = field(default_factory=dict)
    """The long texts that were counted."""

    @property
    def used(self) -> int:
        """How many steps were taken."""
        return STEP_LIMIT - self.steps + EXTENSION * (EXTENSIONS - self.extensions)

    def spend(self, steps: int = 1) -> None:
        """Use some steps. Raises `SpentError` if none are left."""
        self.steps -= steps
        if self.steps < 0:
            raise SpentError

    def extend(self) -> bool:
        """Allow some more steps after a value was given up. False if too many values were."""
        if self.extensions == 0:
            return False
        self.extensions -= 1
        self.steps = max(self.steps, EXTENSION)
        self._tight = True
        return True

    def close(self) -> None:
        """Allow no more work."""
        self.closed, self.steps = True, 0

    def report(self, message: str, span: Span) -> None:
        """Report that a bound was passed. `message` is a sentence, and `span` the place that is not judged."""
        hint = "What depends on it is not judged: simplify it, or exclude the file."
        self.problems.report(Problem(Kind.LIMIT, message, span.file.path, span, hint))

    def passed(self, message: str, span: Span) -> Unknown:
        """Report that a value passed a bound. Returns the unknown that stands for it."""
        self.report(message, span)
        return Unknown(message[:1].lower() + message[1:].removesuffix("."), span)

    def fitting(self, instances: Iterable[T]) -> list[T] | None:
        """The instances of a resource or module; None if they would pass the bound. One instance never does.

        Raises `SpentError` if there are four times as many as the bound allows.
        """
        room = max(INSTANCE_LIMIT - self.instances, 1)
        found = list(islice(instances, room + 1))
        if len(found) > room:
            return None
        self.instances += len(found)
        if self.instances > 4 * INSTANCE_LIMIT:
            raise SpentError
        return found

    def admit(self, value: Value[Any]) -> Value[Any]:
        """The value itself. Raises `LimitError` if it is larger than a value may be."""
        if isinstance(value, Unknown):
            if value.parts or value.candidates or value.some or value.members:
                self._size(value, 0, whole=False)
            return value
        bare = value.value
        if isinstance(bare, str):
            if len(bare) > _SMALL:
                self._keep(bare)
        elif isinstance(bare, int):
            if bare.bit_length() > NUMBER_BITS:
                raise LimitError(f"A number would have more than {NUMBER_BITS:,} bits.")
        elif isinstance(bare, float):
            if bare - bare != 0:
                raise LimitError("A number would be too large to evaluate.")
        elif bare is not None:
            self._size(value, 0, whole=False)
        return value

    def work(self, values: Iterable[Value[Any]], function: Callable[[], T]) -> T:
        """The result of `function`, which goes through whole values. It uses steps for the time that it takes.

        Raises `LimitError` if the values are too large for that.
        """
        members = characters = 0
        for value in values:
            size = self._size(value, 0, whole=True)
            members, characters = members + size.members, characters + size.characters
        if members > 2 * MEMBER_LIMIT or characters > 2 * TEXT_LIMIT:
            bounds = f"{2 * MEMBER_LIMIT:,} members or {2 * TEXT_LIMIT:,} characters"
            raise LimitError(f"Evaluating this would read more than {bounds}.")
        if self._tight and members + characters // 16 > _MODEST:
            raise LimitError(str(SpentError()))
        before = process_time()
        try:
            return function()
        finally:
            self.steps -= int((process_time() - before) / STEP_SECONDS)

    def _keep(self, text: str) -> None:
        check_size(texts=len(text))
        if id(text) not in self._texts:
            self._make(len(text))
            self._texts[id(text)] = text

    def _make(self, amount: int) -> None:
        self.made += amount
        if self.made > MADE_LIMIT:
            raise LimitError(f"The values of this root would be longer than {MADE_LIMIT:,} characters together.")

    def _size(self, value: Value[Any], depth: int, *, whole: bool) -> Size:
        if isinstance(value, Unknown):
            size = _ONE
            for held in (value.parts, value.candidates, value.some, value.members):
                if held:
                    inside = held.values() if isinstance(held, Mapping) else held
                    size = size.and_(self._held(held, inside, depth, whole=whole))
            return size
        bare = value.value
        if isinstance(bare, str):
            return Size(1, len(bare), 0, False)
        if isinstance(bare, tuple):
            return self._held(bare, bare, depth, whole=whole)
        if type(bare) is dict:
            return self._held(bare, bare.values(), depth, whole=whole)
        if isinstance(bare, Mapping):
            return self._held(bare, bare.values(), depth, whole=True) if whole else _LAZY
        return _ONE

    def _held(self, container: Any, members: Iterable[Any], depth: int, *, whole: bool) -> Size:
        """The size of a collection. It is computed once."""
        found = self._sizes.get(id(container))
        if found is None or (whole and found[1].lazy):
            table = self._whole if whole else self._sizes
            found = table.get(id(container))
            if found is None:
                found = container, self._counted(container, members, depth, whole=whole)
                table[id(container)] = found
        size = found[1]
        if depth + size.depth > VALUE_DEPTH_LIMIT:
            raise too_deep()
        return size

    def _counted(self, container: Any, members: Iterable[Any], depth: int, *, whole: bool) -> Size:
        if depth > VALUE_DEPTH_LIMIT:
            raise too_deep()
        length = len(container) if isinstance(container, tuple | dict) else 0
        if length > _SMALL:
            self._make(8 * length)
            self.steps -= length // 16
        scalars, characters, inner = 1, 0, Size(0, 0, 0, False)
        for member in members:
            if isinstance(member, Known) and type(member.value) in _SCALARS:
                scalars += 1
                characters += len(member.value) if isinstance(member.value, str) else 0
            elif isinstance(member, Known | Unknown):
                inner = inner.and_(self._size(member, depth + 1, whole=whole))
        if type(container) is dict:
            characters += sum(map(len, container))
        size = Size(inner.members + scalars, inner.characters + characters, inner.depth + 1, inner.lazy)
        check_size(items=size.members)
        if size.characters > TEXT_LIMIT:
            raise LimitError(f"The texts in a value would be longer than {TEXT_LIMIT:,} characters together.")
        return size


class Deployments(Struct):
    """The work for all deployments of one root. Each has a budget of its own, and all together a few times as much."""

    steps: int = SHARED_LIMIT

    def begin(self, scenario: str) -> None:
        """Refuse a deployment if those before it have used up all steps. Raises `SpentError`."""
        if self.steps <= 0:
            steps = f"The deployments of this root take more than {SHARED_LIMIT:,} steps together"
            raise SpentError(f"{steps}: the one with '{scenario}' is not judged.")

    def end(self, budget: Budget, resources: int) -> None:
        """Close the budget of a deployment with `resources` resources, and count the steps that it used."""
        self.steps -= budget.used + RESOURCE_STEPS * resources
        budget.close()


def bounded(work: Callable[[], Value[Any]], span: Span, budget: Budget) -> Value[Any]:
    """The result of `work`. If that passes a bound, this is reported at `span`, and the result is unknown.

    Raises `SpentError` and `RecursionError` if too many values were given up: then the whole root is.
    """
    try:
        return work()
    except LimitError as error:
        return budget.passed(str(error), span)
    except (SpentError, RecursionError) as error:
        if not (budget.closed or budget.extend()):
            raise
        return budget.passed(spent(error), span)


def spent(error: SpentError | RecursionError) -> str:
    """A sentence that says why work was given up."""
    return str(error) if isinstance(error, SpentError) else "Expressions refer to each other too deeply."
