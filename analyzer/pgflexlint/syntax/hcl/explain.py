"""Says in words for a person why a token cannot stand where it stands."""

from __future__ import annotations

from collections.abc import Set

from pgflexlint.syntax.hcl.lexer import Token
from pgflexlint.syntax.reading import RefusedError

_OPERATORS = frozenset(
    [
        "DOUBLE_EQ",
        "NEQ",
        "LEQ",
        "GEQ",
        "LT",
        "GT",
        "DOUBLE_AMP",
        "DOUBLE_PIPE",
        "PLUS",
        "MINUS",
        "ASTERISK",
        "SLASH",
        "PERCENT",
        "NOT",
        "QMARK",
    ]
)
_STRINGS = frozenset(["DBLQUOTE", "STRING_CHARS", "TEMPLATE_STRING"])
_ENDS = frozenset(["NL_OR_COMMENT", "$END"])
_IN_PARENTHESES = "An expression can go on in the next line only within parentheses."
_NOTHING: Token = ("", "", 0, 0)


def unexpected(tokens: list[Token], at: int, expected: Set[str]) -> RefusedError:
    """The refusal of the token number `at`, where only the kinds in `expected` could stand.

    No message quotes a string, since it may be a secret.
    """
    token = tokens[at]
    before = tokens[at - 1] if at else _NOTHING
    kind, _, start, end = token
    if kind in _ENDS:
        message, hint = _unfinished(tokens[at - 2] if at > 1 else _NOTHING, before, expected)
        return RefusedError(message, before[2], before[3], hint)
    after = tokens[at + 1] if at + 1 < len(tokens) else _NOTHING
    message, hint = _misplaced(token, before, after, expected)
    return RefusedError(message, start, end, hint)


def _unfinished(first: Token, before: Token, expected: Set[str]) -> tuple[str, str]:
    """The line ended after `before`, which stands after `first`."""
    if before[0] in ("EQ", "COLON") and "NAME" in expected:
        owner = f" of '{first[1]}'" if first[0] == "NAME" else ""
        return f"The value{owner} is missing.", f"It must start on the same line as the {before[1]}."
    if before[0] in _OPERATORS:
        return f"What the operator {before[1]} applies to is missing.", _IN_PARENTHESES
    if before[0] == "DOT":
        return "An attribute name is missing after the dot.", ""
    if not before[0]:
        return "An expression is missing.", ""
    if "LBRACE" in expected and "TEMPLATE_STRING" in expected:
        return (
            "This is neither an argument nor a block.",
            "Write name = value, or name { … } with the opening brace on this line.",
        )
    if "EQ" in expected:
        return "A value is missing after this name.", "Write name = value on one line."
    if {"COLON", "QMARK"} <= expected:
        return "What the conditional gives otherwise is missing.", "Write condition ? one : other."
    if "LPAR" in expected and "NAME" not in expected:
        return "The arguments of this function are missing.", "A function is called with parentheses after its name."
    if "RBRACE" in expected:
        return (
            "A block that starts on one line with its argument must end on that line.",
            "Write the argument on a line of its own.",
        )
    return "The expression is not complete at the end of its line.", _IN_PARENTHESES


def _misplaced(token: Token, before: Token, after: Token, expected: Set[str]) -> tuple[str, str]:
    """`token` stands between `before` and `after`."""
    kind = token[0]
    ends_value = not _ENDS.isdisjoint(expected)
    if ends_value and "COMMA" in expected:
        return "A comma or a newline is needed between two members of an object.", ""
    if ends_value:
        return _after_item(token, after, expected)
    if kind == "COMMA" and before[0] == "COMMA":
        return "There is nothing between two commas.", "Remove one of them."
    if before[0] == "DOT" and kind == "FLOAT_LITERAL":
        return f"{_shown(token)} is not the number of a member.", "A member of a nested list is read as list[0][1]."
    if before[0] == "DOT":
        return "An attribute name is missing after the dot.", ""
    if "COMMA" in expected and "RSQB" in expected:
        return "A comma is needed between two members of a list.", ""
    if "COMMA" in expected and "RPAR" in expected:
        return "A comma is needed between two arguments of a function.", ""
    if "EQ" in expected and "COLON" in expected:
        return "A member of an object needs a key and a value.", "Write key = value."
    if "RBRACE" in expected and "QMARK" in expected and kind in ("NAME", "COMMA"):
        return "A block on one line can hold one argument only.", "Write each argument on a line of its own."
    if kind == "LBRACE" and "EQ" in expected:
        return "A block on one line cannot hold another block.", "Write the inner block on a line of its own."
    if kind == "EQ" and before[0] == "EQ":
        return "There is nothing between the two '='.", "Remove one of them."
    if kind == "EQ" and "LBRACE" in expected:
        return "An argument has one name only before its '='.", "Remove the second name, or write a block with { … }."
    if "EQ" in expected:
        return f"{_shown(token)} cannot follow the name of an argument.", "Write name = value."
    if kind == "LT" and after[0] == "LT":
        return "This does not start a text of several lines.", "Write <<-EOT with a newline right after it."
    if not before[0] and "LSQB" not in expected:
        return f"{_shown(token)} cannot start an argument or a block.", "Both start with a name."
    return f"{_shown(token)} is not expected here.", ""


def _after_item(token: Token, after: Token, expected: Set[str]) -> tuple[str, str]:
    """`token` follows an argument or a block on the same line."""
    kind = token[0]
    if kind == "COMMA":
        return "Arguments are not separated by commas.", "Write each argument on a line of its own."
    if kind == "RBRACE":
        return "A newline is needed before the brace that closes a block.", ""
    if _ENDS.issuperset(expected):
        return "A newline is needed after a block.", ""
    if kind == "NAME" and after[0] == "EQ":
        return "A newline is needed between two arguments.", ""
    if kind == "NAME":
        return "A newline is needed after an argument.", ""
    return f"{_shown(token)} cannot follow a complete value.", "A newline is needed after an argument."


def _shown(token: Token) -> str:
    return "A string" if token[0] in _STRINGS else f"'{token[1]}'"
