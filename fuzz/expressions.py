"""Random expressions that are in the language: what a mutation of text seldom hits."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

NAMES = ("x", "y", "z")
"""Names that an expression may use: something unknown with parts, one of two values, and an object."""

_NUMBERS = ("1", "-2", "0", "2.5", "1e300", "12345678901234567890")
_SCALARS = (*_NUMBERS, "true", "false", "null", *NAMES)
_BINARY = tuple(f"(@ {each} @)" for each in ("+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||"))


class Forms(NamedTuple):
    """How expressions of a language look."""

    literals: tuple[str, ...]
    functions: Sequence[str]
    forms: tuple[str, ...]
    """In each `@` stands for another expression."""
    scalars: tuple[str, ...] = _SCALARS

    def expression(self, random: Random, depth: int = 4) -> str:
        """One of them, nested no deeper than that."""
        if depth == 0 or random.random() < 0.2:
            return random.choice(random.choice((self.literals, self.scalars)))
        if random.random() < 0.5:
            given = [self.expression(random, depth - 1) for _ in range(random.randint(0, 3))]
            return f"{random.choice(self.functions)}({', '.join(given)})"
        first, *rest = random.choice(self.forms).split("@")
        return first + "".join(self.expression(random, depth - 1) + part for part in rest)


def hcl(functions: Sequence[str]) -> Forms:
    """Expressions of Terraform that call these functions."""
    return Forms(
        ('"a"', '"10.0.0.0/8"', '"%d-%s"', '"/(a+)+/"', '"true"', '"{\\"a\\": [1]}"', '"2024-01-01T00:00:00Z"'),
        [*functions, "try", "can"],
        (
            *_BINARY, "!@", "-@", "[@, @]", "{a = @, (@) = @}", '"${@}-${@}"', '"%{ if @ }a%{ else }${@}%{ endif }"',
            "(@ ? @ : @)", "@[@]", "@.a", "@[*].a", "@.*.a", "[for k, v in @ : @ if @]", "{for v in @ : @ => @...}",
            "{for k, v in @ : k => @}", "[for x in range(1000) : @]", "concat(@...)",
        ),
    )  # fmt: skip


def bicep(functions: Sequence[str]) -> Forms:
    """Expressions of Bicep that call these functions."""
    return Forms(
        ("'a'", "'10.0.0.0/8'", "'{0}-{1}'", "'[1]'", "'2024-01-01T00:00:00Z'", "'P1D'", "'''a'''"),
        functions,
        (
            *_BINARY, "!@", "-@", "[@, @]", "{ a: @ }", "'${@}-${@}'", "(@ ? @ : @)", "@[@]", "@.a", "@.?a", "@[?@]",
            "(@ ?? @)", "@!", "[...@, @]", "{ ...@ }", "map(@, x => @)", "filter(@, x => @)", "sort(@, (x, y) => @)",
            "reduce(@, @, (x, y) => @)", "toObject(@, x => @)", "mapValues(@, x => @)", "groupBy(@, x => @)",
            "[for x in @: @]", "[for (x, y) in @: @]", "map(range(0, 1000), x => @)",
        ),
    )  # fmt: skip


def arm(functions: Sequence[str]) -> Forms:
    """Expressions of ARM templates that call these functions; the names are variables."""
    return Forms(
        ("'a'", "'10.0.0.0/8'", "'{0}-{1}'", "'[1]'", "'it''s'"),
        functions,
        (
            "@[@]", "@.a", "createArray(@, @)", "createObject('a', @, @, @)", "if(@, @, @)", "equals(@, @)",
            "map(@, lambda('x', @))", "filter(@, lambda('x', @))", "reduce(@, @, lambda('x', 'y', @))", "not(@)",
            "format('{0}{1}', @, @)", "tryGet(@, @)", "concat(@, @)", "and(@, @)", "coalesce(@, @)", "copyIndex()",
        ),
        (*_NUMBERS, "true()", "false()", "null()", "lambdaVariables('x')", *(f"variables('{name}')" for name in NAMES)),
    )  # fmt: skip
