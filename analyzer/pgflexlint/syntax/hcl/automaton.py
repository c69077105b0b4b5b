"""Runs an LALR(1) table over tokens.

lark compiles the grammar; it does not run it, since its own loop looks up each reduction by a rule that Python has to
hash and makes an object of each token. This one is an order of magnitude quicker and leaves lark unimported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pgflexlint.syntax.hcl.explain import unexpected
from pgflexlint.syntax.hcl.grammar import Table
from pgflexlint.syntax.hcl.lexer import Token


def automaton(table: Table, start: str, lowering: object) -> Callable[[list[Token]], Any]:
    """A function that reads tokens, the last an end token, and returns what `lowering` made of them.

    `start` names one of the table's starts; `lowering` has a method `_action` for each action of its rules.
    The function raises `RefusedError` where the tokens are not in the grammar or a method will not have them.
    """
    rows = table.rows
    rules = [(getattr(lowering, f"_{rule.action}", None), rule.size, rule.origin) for rule in table.rules]
    first = table.starts[start]

    def run(tokens: list[Token]) -> Any:
        states = [first]
        values: list[Any] = []
        row = rows[first]
        for token in tokens:
            kind = token[0]
            while True:
                try:
                    action = row[kind]
                except KeyError:
                    at = next(number for number, candidate in enumerate(tokens) if candidate is token)
                    raise unexpected(tokens, at, _expected(table, first, tokens[:at])) from None
                if action >= 0:
                    break
                lower, size, origin = rules[~action]
                assert lower is not None  # a rule without a method makes nothing but its only part, and is left out
                if size == 1:
                    values[-1] = lower(values[-1])
                    states.pop()
                elif size:
                    made = lower(*values[-size:])
                    del values[-size:], states[-size:]
                    values.append(made)
                else:
                    values.append(lower())
                state = rows[states[-1]][origin]
                states.append(state)
                row = rows[state]
            values.append(token)
            states.append(action)
            row = rows[action]
        return values[0]

    return run


def _expected(table: Table, first: int, tokens: list[Token]) -> set[str]:
    """The kinds that can follow these tokens."""
    states = [first]
    for token in tokens:
        _shift(table, states, token[0])
    kinds = [kind for kind in table.rows[states[-1]] if kind.isupper()]
    return {kind for kind in kinds if _shift(table, states.copy(), kind)}


def _shift(table: Table, states: list[int], kind: str) -> bool:
    """Takes a token of this kind, if it can stand here."""
    while (action := table.rows[states[-1]].get(kind)) is not None:
        if action >= 0:
            states.append(action)
            return True
        rule = table.rules[~action]
        del states[len(states) - rule.size :]
        states.append(table.rows[states[-1]][rule.origin])
    return False
