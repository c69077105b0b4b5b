"""LALR(1) tables: compiled by lark when the package is built, shipped as JSON, run by a few lines of Python.

Compiling a grammar takes from a fifth of a second to several; importing lark alone takes longer than reading most
files. So at a user's run neither happens: the shipped table is a plain JSON file, which unlike a pickle can do no
harm. Only where it is missing or older than its grammar, as in a checkout that was never installed, is it made anew in
memory.

The table is run here and not by lark, whose own loop looks up each reduction by a rule that Python has to hash and
makes an object of each token; this one is an order of magnitude quicker.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

END = "$END"
"""The kind of the token that ends what is to be parsed."""

_Word: TypeAlias = tuple[str, str, int, int]
"""A `Token`, or a tuple of the same, which is quicker to make."""

Row: TypeAlias = dict[str, int]
"""What to do in a state, by symbol: go to a state (0 and up), or reduce by rule `~action` (below 0)."""


class Token(NamedTuple):
    """A word of the source."""

    kind: str
    """A terminal of the grammar, see `Grammar`."""
    text: str
    start: int
    """Offset of its first code point."""
    end: int
    """Offset after its last code point."""


class Rule(NamedTuple):
    """One production: it takes `size` symbols and makes one `origin` of them, by the method called `action`."""

    origin: str
    size: int
    action: str


class Table(NamedTuple):
    """A finished table."""

    rules: list[Rule]
    rows: list[Row]
    starts: dict[str, int]
    """The state to start from, by the rule that is to be read."""


class Grammar(NamedTuple):
    """A lark grammar.

    Terminals that it gives names to go by these, others by their text. A rule's action is called by the alias of the
    alternative, else by the rule; what lark makes of `x*` and `x+` calls `first` with the first and `more` with what
    there is so far and the next. As with lark, an alternative of one symbol and no alias stands for that symbol where
    the rule is marked by `?` or its name begins with `_`.
    """

    shipped: Path
    """Where the table is put when the package is built."""
    made_of: str
    """All that its text depends on."""
    text: Callable[[], str]
    starts: tuple[str, ...] = ("start",)


class UnexpectedTokenError(Exception):
    """There is no place for `token`, which is number `at`; it might have been of one of the kinds `expected`."""

    def __init__(self, token: _Word, at: int, expected: frozenset[str]) -> None:
        super().__init__(token, at, expected)
        self.token, self.at, self.expected = token, at, expected


def parser(table: Table, methods: object, start: str = "start", prefix: str = "") -> Callable[[Iterable[_Word]], Any]:
    """A function that reads tokens up to `END` and returns what the methods made of them, None where none are left.

    For each rule the method of its name, after the prefix, is called with everything that the rule spans, in order.
    The function raises `UnexpectedTokenError`; tokens after `END` are left for the next call.
    """
    rows = table.rows
    rules = [(getattr(methods, prefix + rule.action), rule.size, rule.origin) for rule in table.rules]
    first = table.starts[start]

    def parse(tokens: Iterable[_Word]) -> Any:
        states = [first]
        values: list[Any] = []
        kinds: list[str] = []
        row = rows[first]
        for token in tokens:
            kind = token[0]
            while True:
                try:
                    action = row[kind]
                except KeyError:
                    raise UnexpectedTokenError(token, len(kinds), _expected(table, first, kinds)) from None
                if action >= 0:
                    break
                make, size, origin = rules[~action]
                if size == 1:
                    values[-1] = make(values[-1])
                    states.pop()
                elif size:
                    made = make(*values[-size:])
                    del values[-size:], states[-size:]
                    values.append(made)
                else:
                    values.append(make())
                state = rows[states[-1]][origin]
                states.append(state)
                row = rows[state]
            if kind == END:
                return values[0]
            kinds.append(kind)
            values.append(token)
            states.append(action)
            row = rows[action]
        assert not values, "the tokens must end with END"
        return None

    return parse


def _expected(table: Table, first: int, kinds: Iterable[str]) -> frozenset[str]:
    """The kinds of tokens that can follow tokens of these."""
    states = [first]
    for kind in kinds:
        _shift(table, states, kind)
    found = (kind for kind in table.rows[states[-1]] if not kind.islower())
    return frozenset(kind for kind in found if _shift(table, states.copy(), kind))


def _shift(table: Table, states: list[int], kind: str) -> bool:
    """Take a token of this kind, if it can stand here."""
    while (action := table.rows[states[-1]].get(kind)) is not None:
        if action >= 0:
            states.append(action)
            return True
        origin, size, _ = table.rules[~action]
        del states[len(states) - size :]
        states.append(table.rows[states[-1]][origin])
    return False


def load(grammar: Grammar) -> Table:
    """The table of a grammar: as shipped, else built in memory."""
    return _read(grammar.shipped, _key(grammar)) or _decode(json.loads(build(grammar)))


def build(grammar: Grammar) -> str:
    """The table of a grammar as JSON, the same text each time."""
    from lark import Lark  # noqa: PLC0415
    from lark.lexer import PatternStr  # noqa: PLC0415

    text = grammar.text()
    lark = Lark(text, parser="lalr", lexer="basic", start=list(grammar.starts), maybe_placeholders=False)
    named = set(re.findall(r"^(\w+)(?:\.\d+)?[ \t]*:", text, re.MULTILINE))
    spelled = {
        each.name: each.pattern.value
        for each in lark.terminals
        if isinstance(each.pattern, PatternStr) and each.name not in named
    }
    compiled: Any = lark.parser.parser.parser.parse_table
    rows: list[Row] = []
    numbers: dict[Rule, int] = {}
    units: set[int] = set()
    for state in sorted(compiled.states):
        row: Row = {}
        for symbol, (action, argument) in compiled.states[state].items():
            kind = spelled.get(symbol, symbol)
            if action.name == "Shift":
                row[kind] = argument
                continue
            rule = _rule(argument)
            row[kind] = ~numbers.setdefault(rule, len(numbers))
            if rule.size == 1 and not argument.alias and (argument.options.expand1 or _is_inlined(rule.origin)):
                units.add(numbers[rule])
        rows.append(row)
    for end in compiled.end_states.values():
        rows[end][END] = 0  # nothing follows
    table = _without_units(Table(list(numbers), rows, compiled.start_states), units)
    used = sorted({~action for row in table.rows for action in row.values() if action < 0}, key=table.rules.__getitem__)
    renumbered = {number: ~position for position, number in enumerate(used)}
    content = {
        "key": _key(grammar),
        "rules": [table.rules[number] for number in used],
        "rows": [
            {symbol: action if action >= 0 else renumbered[~action] for symbol, action in row.items()}
            for row in table.rows
        ],
        "starts": table.starts,
    }
    return json.dumps(content, separators=(",", ":")) + "\n"


def _rule(rule: Any) -> Rule:
    """A rule of lark."""
    origin: str = rule.origin.name
    action = rule.alias or origin
    if origin.startswith("__"):  # made by lark for a repetition
        action = "more" if rule.expansion[0] == rule.origin else "first"
    return Rule(origin, len(rule.expansion), action)


def _is_inlined(origin: str) -> bool:
    return origin.startswith("_") and not origin.startswith("__")


def _without_units(table: Table, units: set[int]) -> Table:
    """The same automaton, without the reductions by `units`, which only give a thing another name.

    A name may climb eight rungs of precedence before it is an expression, each of them a reduction. Here a state that
    lies on another one does at once what the two would do after all of those.
    """
    made: list[Row] = []
    numbers: dict[tuple[tuple[str, int], ...], int] = {}
    pending: list[Row] = []

    def number_of(row: Row) -> int:
        key = tuple(sorted(row.items()))
        if key not in numbers:
            numbers[key] = len(pending)
            pending.append(row)
        return numbers[key]

    def lying_on(below: Row, state: int) -> Row:
        row: Row = {}
        chain = [state]
        for symbol, first in table.rows[state].items():
            at, action = state, first
            while action < 0 and ~action in units:
                at = below[table.rules[~action].origin]
                chain.append(at)
                if symbol not in table.rows[at]:
                    break
                action = table.rows[at][symbol]
            else:
                row[symbol] = action
        for at in chain:
            for symbol, target in table.rows[at].items():
                if symbol.islower():
                    assert row.setdefault(symbol, target) == target, f"{symbol} has two ways"
        return row

    starts = {start: number_of(table.rows[state]) for start, state in sorted(table.starts.items())}
    while len(made) < len(pending):
        row = pending[len(made)]
        made.append(
            {
                symbol: action if action < 0 or symbol == END else number_of(lying_on(row, action))
                for symbol, action in sorted(row.items())
            }
        )
    return Table(table.rules, made, starts)


def _key(grammar: Grammar) -> str:
    """What a table must have been made with to be of use: the grammar, and this way of writing tables."""
    return f"2-{len(grammar.made_of)}-{zlib.crc32(grammar.made_of.encode()):08x}"


def _read(path: Path, key: str) -> Table | None:
    try:
        content = json.loads(path.read_bytes())
        return _decode(content) if content["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _decode(content: dict[str, Any]) -> Table:
    return Table([Rule(*rule) for rule in content["rules"]], content["rows"], content["starts"])
