"""The LALR(1) table of HCL: python-hcl2's grammar, amended where Terraform reads otherwise, compiled by lark.

Compiling takes a second, so it is done when the package is built, and the table is shipped as JSON beside this
file: at a user's run neither lark nor hcl2 is imported, and a later grammar of python-hcl2 changes nothing. Only
where the shipped table is missing or older than the amendments (a checkout that was never installed) is it made
anew, and kept in the user's cache. It is JSON, so reading it executes nothing.
"""

from __future__ import annotations

import json
import os
import re
import sys
import zlib
from pathlib import Path
from typing import Any, NamedTuple

_SHIPPED = Path(__file__).with_name("table.json")

_AMENDMENTS = (
    # One item of the top level at a time, so that an error costs that item only.
    ("start : body", "start : attribute | block"),
    # An item of a body ends with a newline; a block on one line holds one argument at most, and its
    # brace stands on the line of its header (HCL specification, "Bodies" and "Blocks").
    (
        "body : (new_line_or_comment? (attribute | block))* new_line_or_comment?",
        "body : (new_line_or_comment ((attribute | block) new_line_or_comment)*)? | attribute",
    ),
    (
        "block : _attribute_name (_attribute_name | string)* new_line_or_comment? LBRACE",
        "block : _attribute_name (_attribute_name | string)* LBRACE",
    ),
    # Members of an object are separated, by a comma or by newlines.
    (
        "object : LBRACE ((object_elem | (object_elem COMMA)))* RBRACE",
        "object : LBRACE new_line_or_comment? (object_elem object_separator)* object_elem? RBRACE\n"
        "object_separator : COMMA new_line_or_comment? | new_line_or_comment",
    ),
    # `!!x` and `- -1` are valid.
    ("!unary_op : (MINUS | NOT) expr_term", "!unary_op : (MINUS | NOT) unary_expr"),
    # A function has any number of namespaces: `core::max()`, `provider::azapi::parse_resource_id()`.
    ("identifier (COLONS identifier COLONS identifier)? LPAR", "function_name LPAR"),
    ("\narguments :", "\n?function_name : identifier (COLONS identifier)*\narguments :"),
    # `.*` takes the attributes that follow; `[0]` after it applies to the result. `[*]` takes all that
    # follows, further splats too (HCL specification, "Splat Operators").
    ("attr_splat : ATTR_SPLAT (get_attr | index)*", "attr_splat : ATTR_SPLAT (get_attr | short_index)*"),
    (
        "full_splat : FULL_SPLAT_START (get_attr | index)*",
        "full_splat : FULL_SPLAT_START (get_attr | index | attr_splat | full_splat)*",
    ),
    # A string without holes and escapes is one token; python-hcl2 uses its name for something that is not HCL.
    ("\ntemplate_string : TEMPLATE_STRING\n", "\n"),
    ("            | template_string\n", ""),
    (
        "string: DBLQUOTE string_part* DBLQUOTE",
        "string: DBLQUOTE string_part* DBLQUOTE | TEMPLATE_STRING -> plain_string",
    ),
    # A here document is no terminal: the lexer reads it as a string with other quotes.
    ("            | heredoc_template\n            | heredoc_template_trim\n", ""),
    ("\nheredoc_template : HEREDOC_TEMPLATE\nheredoc_template_trim : HEREDOC_TEMPLATE_TRIM\n", "\n"),
    # What a term is made of has a name of its own where it is more than its only child.
    ("\nexpr_term : LPAR expression RPAR\n", "\n?expr_term : LPAR expression RPAR -> parentheses\n"),
    ("            | identifier\n", "            | identifier -> variable\n"),
    # Rules that are nothing but their only child.
    ("\nstart : ", "\n?start : "),
    ("\nidentifier : NAME", "\n?identifier : NAME"),
    ("\nkeyword: ", "\n?keyword: "),
    ("\nnew_line_or_comment: ( NL_OR_COMMENT )+", "\n?new_line_or_comment: NL_OR_COMMENT"),
    ("\nobject_elem_key : expression | keyword", "\n?object_elem_key : expression"),
    ("\nstring_part: ", "\n?string_part: "),
)
"""Text of the shipped grammar, and what stands in its place."""

_NEWLINE_IN_EXPRESSION = re.compile(r" ?new_line_or_comment\?")
"""Left out of all expressions: where a newline means nothing, the lexer drops it."""

_TRANSPARENT = frozenset({"binary_operator", "_attribute_name"})
"""Further rules that are nothing but their only child."""

_END = "$END"

Row = dict[str, int]
"""What to do in a state, by symbol: go to a state (0 and up), or reduce by rule `~action` (below 0)."""


class Rule(NamedTuple):
    """One production: it takes `size` symbols and makes one `origin` of them, by the lowering called `action`."""

    origin: str
    size: int
    action: str


class Table(NamedTuple):
    """A finished LALR(1) table."""

    rules: list[Rule]
    rows: list[Row]
    starts: dict[str, int]
    """The state to start from, by what is to be read: `start` (an argument or a block) or `expression`."""


class GrammarError(Exception):
    """The installed python-hcl2 has another grammar than the one that the amendments were written for."""


def load() -> Table:
    """The table: as shipped, else as kept in the user's cache, else built and kept there."""
    kept = _cache_directory() / f"hcl-{zlib.crc32(_MADE_OF.encode()):08x}.json"
    for path in (_SHIPPED, kept):
        found = _load(path)
        if found is not None:
            return found
    text = build()
    _keep(kept, text)
    return _decode(json.loads(text))


def build() -> str:
    """The table as JSON, made of the grammar of the installed python-hcl2: the same text each time.

    Raises `GrammarError` where that grammar has changed so that the amendments have no place in it.
    """
    from lark import Lark  # noqa: PLC0415

    lark = Lark(amended_grammar(), parser="lalr", start=["start", "expression"], maybe_placeholders=False)
    compiled = lark.parser.parser.parser.parse_table
    actions = [step for row in compiled.states.values() for step in row.values()]
    used = sorted({argument for action, argument in actions if action.name == "Reduce"}, key=_order)
    numbers = {rule: number for number, rule in enumerate(used)}
    rows: list[Row] = [{} for _ in compiled.states]
    for state, row in compiled.states.items():
        for symbol, (action, argument) in row.items():
            rows[state][symbol] = argument if action.name == "Shift" else ~numbers[argument]
    for end in compiled.end_states.values():
        rows[end][_END] = 0  # any state will do: nothing follows
    table = Table([_rule(rule) for rule in used], rows, compiled.start_states)
    content = _without_units(table, {number for rule, number in numbers.items() if _is_unit(rule)})._asdict()
    return json.dumps({"made_of": _MADE_OF, **content}, separators=(",", ":")) + "\n"


def amended_grammar() -> str:
    """The grammar of the installed python-hcl2 with the amendments. Raises `GrammarError` where one has no place."""
    from importlib.util import find_spec  # noqa: PLC0415

    found = find_spec("hcl2")
    if found is None or found.origin is None:
        raise GrammarError("python-hcl2 is not installed.")
    text = Path(found.origin).with_name("hcl2.lark").read_text(encoding="utf-8")
    outside, heading, expressions = text.partition("// Expressions\n")
    text = outside + heading + _NEWLINE_IN_EXPRESSION.sub("", expressions)
    for old, new in _AMENDMENTS:
        if text.count(old) != 1:
            raise GrammarError(f"The grammar of python-hcl2 has no single {old!r}.")
        text = text.replace(old, new)
    return text


def _order(rule: Any) -> tuple[Any, ...]:
    return rule.origin.name, [symbol.name for symbol in rule.expansion]


def _rule(rule: Any) -> Rule:
    """A rule of lark. Those that lark made for repetitions start a list or make one longer."""
    origin: str = rule.origin.name
    action = rule.alias or origin
    if origin.startswith("__"):
        action = "more" if rule.expansion[0] == rule.origin else "first"
    return Rule(origin, len(rule.expansion), action)


def _is_unit(rule: Any) -> bool:
    if len(rule.expansion) != 1:
        return False
    return (rule.options.expand1 and not rule.alias) or (rule.alias or rule.origin.name) in _TRANSPARENT


def _without_units(table: Table, units: set[int]) -> Table:
    """The same automaton, without the reductions that only give a thing another name.

    An HCL name climbs eight rungs of precedence before it is an expression, each of them a reduction. Here a state
    that lies on another one does at once what it would do after all of those.
    """
    made: list[Row] = []
    found: list[Row] = []
    numbers: dict[tuple[tuple[str, int], ...], int] = {}

    def number_of(row: Row) -> int:
        key = tuple(sorted(row.items()))
        if key not in numbers:
            numbers[key] = len(found)
            found.append(dict(key))
        return numbers[key]

    def lying_on(below: Row, state: int) -> Row:
        row: Row = {}
        passed = {state}
        for symbol, first in table.rows[state].items():
            at, action = state, first
            while action < 0 and ~action in units:
                at = below[table.rules[~action].origin]
                passed.add(at)
                if symbol not in table.rows[at]:
                    break
                action = table.rows[at][symbol]
            else:
                row[symbol] = action
        for at in sorted(passed):
            for symbol, target in table.rows[at].items():
                if not symbol.isupper() and row.setdefault(symbol, target) != target:
                    raise GrammarError(f"The grammar of python-hcl2 leads from {symbol} to two states.")
        return row

    starts = {start: number_of(table.rows[state]) for start, state in sorted(table.starts.items())}
    while len(made) < len(found):
        row = found[len(made)]
        made.append(
            {
                symbol: action if action < 0 or symbol == _END else number_of(lying_on(row, action))
                for symbol, action in row.items()
            }
        )
    return Table(table.rules, made, starts)


_MADE_OF = repr((1, _AMENDMENTS, _NEWLINE_IN_EXPRESSION.pattern, sorted(_TRANSPARENT)))
"""What a table must say that it was made of to be of use; the number is to change with the format."""


def _load(path: Path) -> Table | None:
    try:
        content = json.loads(path.read_bytes())
        return _decode(content) if content["made_of"] == _MADE_OF else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _decode(content: dict[str, Any]) -> Table:
    return Table([Rule(*rule) for rule in content["rules"]], content["rows"], content["starts"])


def _cache_directory() -> Path:
    """The place for caches, by the platform's convention; where there is no home, one that cannot be written."""
    try:
        home = Path.home()
    except RuntimeError:
        home = Path(os.devnull)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    return Path(base) / "pgflexlint"


def _keep(path: Path, text: str) -> None:
    """Writes the file whole or not at all, and never minds if it cannot be written."""
    from tempfile import NamedTemporaryFile  # noqa: PLC0415

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        Path(file.name).replace(path)
    except OSError:
        pass
