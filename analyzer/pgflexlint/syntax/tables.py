"""LALR(1) tables: compiled by lark when the package is built, shipped as JSON, run by a few lines of Python.

Compiling a grammar takes from a fifth of a second to several; importing lark alone takes longer than reading most
files. So at a user's run neither happens: the shipped table is a plain JSON file, which unlike a pickle can do no
harm. Only where it is missing or older than its grammar (a checkout that was never installed) is it made anew, and kept
in the user's cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

END = "$END"
"""The kind of the token that ends what is to be parsed."""

Row: TypeAlias = dict[str, int]
"""What to do in a state, by symbol: go to a state (0 and up), or reduce by rule `~action` (below 0)."""


class Token(NamedTuple):
    """A word of the source."""

    kind: str
    """A symbol of the grammar; punctuation is its own kind."""
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
    """A finished table. The first state is 0."""

    rules: list[Rule]
    rows: list[Row]


class UnexpectedTokenError(Exception):
    """The grammar has no place for `token`; it would have taken one of the kinds `expected`."""

    def __init__(self, token: Token, expected: frozenset[str]) -> None:
        super().__init__(token, expected)
        self.token = token
        self.expected = expected


def parse(table: Table, actions: list[Callable[..., Any]], tokens: Iterator[Token]) -> Any:
    """What the actions make of the tokens up to `END`, or None where none are left; raises `UnexpectedTokenError`.

    `actions` are those of `bind`. Tokens after `END` are left for the next call.
    """
    rows = table.rows
    rules = table.rules
    row = rows[0]
    states = [0]
    values: list[Any] = []
    for token in tokens:
        kind = token[0]
        while (action := row.get(kind)) is not None and action < 0:
            origin, size, _ = rules[~action]
            if size == 1:
                values[-1] = actions[~action](values[-1])
                states.pop()
            else:
                made = actions[~action](*values[-size:])
                del values[-size:], states[-size:]
                values.append(made)
            action = rows[states[-1]][origin]
            states.append(action)
            row = rows[action]
        if action is None:
            raise UnexpectedTokenError(token, frozenset(symbol for symbol in row if not symbol.islower()))
        if kind == END:
            return values[0]
        values.append(token)
        states.append(action)
        row = rows[action]
    assert not values, "the tokens must end with END"
    return None


def bind(table: Table, methods: object) -> list[Callable[..., Any]]:
    """For each rule the method of its name, which is called with everything that the rule spans, in order."""
    return [getattr(methods, rule.action) for rule in table.rules]


def load(shipped: Path, grammar: str) -> Table:
    """The table of a lark grammar: as shipped, else as kept in the user's cache, else built and kept there."""
    key = _key(grammar)
    kept = _cache_directory() / f"{shipped.parent.name}-{key}.json"
    for path in (shipped, kept):
        found = _read(path, key)
        if found is not None:
            return found
    text = build(grammar)
    _keep(kept, text)
    return _decode(json.loads(text))


def build(grammar: str) -> str:
    """The table of a lark grammar as JSON.

    Each alternative of the grammar that spans more than one symbol has an alias or stands alone in its rule: that
    is the name of its action. One of a single symbol and no alias stands for that symbol. Terminals that are plain
    text in the grammar go by that text, lists are written as left recursion, and nothing is empty.
    """
    from lark import Lark  # noqa: PLC0415
    from lark.lexer import PatternStr  # noqa: PLC0415
    from lark.parsers.lalr_parser import LALR_Parser  # noqa: PLC0415

    lark = Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=False)
    lalr = lark.parser.parser
    assert isinstance(lalr, LALR_Parser)
    spelled = {each.name: each.pattern.value for each in lark.terminals if isinstance(each.pattern, PatternStr)}
    rows: list[Row] = []
    parse_table: Any = lalr._parse_table  # the only way to it: lark gives it out in serialized form only
    numbers: dict[Rule, int] = {}
    units: set[int] = set()
    for state in sorted(parse_table.states):
        row: Row = {}
        for symbol, (action, argument) in parse_table.states[state].items():
            kind = spelled.get(symbol, symbol)
            if action.name == "Shift":
                row[kind] = argument
                continue
            rule = Rule(argument.origin.name, len(argument.expansion), argument.alias or argument.origin.name)
            assert rule.size, f"{argument} may be empty"
            row[kind] = ~numbers.setdefault(rule, len(numbers))
            if rule.size == 1 and not argument.alias:
                units.add(numbers[rule])
        rows.append(row)
    rules = list(numbers)
    for end in parse_table.end_states.values():
        rows[end][END] = 0  # nothing follows
    (start,) = parse_table.start_states.values()
    rows = _without_units(rows, start, rules, units)
    used = sorted({~action for row in rows for action in row.values() if action < 0}, key=rules.__getitem__)
    renumbered = {number: ~position for position, number in enumerate(used)}
    content = {
        "key": _key(grammar),
        "rules": [rules[number] for number in used],
        "rows": [
            {symbol: action if action >= 0 else renumbered[~action] for symbol, action in row.items()} for row in rows
        ],
    }
    return json.dumps(content, separators=(",", ":")) + "\n"


def _without_units(rows: list[Row], start: int, rules: list[Rule], units: set[int]) -> list[Row]:
    """The same automaton, without the steps that only give a thing another name.

    A state that lies on another one does at once what the two would do after all such reductions.
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
        for symbol, first in rows[state].items():
            at, action = state, first
            while action < 0 and ~action in units:
                at = below[rules[~action].origin]
                chain.append(at)
                if symbol not in rows[at]:
                    break
                action = rows[at][symbol]
            else:
                row[symbol] = action
        for at in chain:
            for symbol, target in rows[at].items():
                if symbol.islower():
                    assert row.setdefault(symbol, target) == target, f"{symbol} has two ways"
        return row

    number_of(rows[start])
    while len(made) < len(pending):
        row = pending[len(made)]
        made.append(
            {
                symbol: action if action < 0 or symbol == END else number_of(lying_on(row, action))
                for symbol, action in sorted(row.items())
            }
        )
    return made


def _key(grammar: str) -> str:
    """What a table must have been made with to be of use: the grammar, and this way of writing tables."""
    return hashlib.sha256(f"1 {grammar}".encode()).hexdigest()[:16]


def _read(path: Path, key: str) -> Table | None:
    try:
        content = json.loads(path.read_bytes())
        return _decode(content) if content["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _decode(content: dict[str, Any]) -> Table:
    return Table([Rule(*rule) for rule in content["rules"]], content["rows"])


def _cache_directory() -> Path:
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "pgflexlint"


def _keep(path: Path, text: str) -> None:
    """Write it whole or not at all, and never mind if it cannot be written."""
    import tempfile  # noqa: PLC0415 - slow to import and seldom needed

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        Path(file.name).replace(path)
    except OSError:
        pass
