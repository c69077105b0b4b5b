"""Bicep text to documents.

The grammar takes a line of the top level at a time, so an error costs the statement it is in: reading goes on at the
next line that begins a statement and is indented no deeper. What each rule of the grammar makes of its parts stands in
`_Lowering`, under the names that bicep.lark gives.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeAlias, TypeVar

from pgflexlint.problem import Kind, Problem
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax import tables
from pgflexlint.syntax.bicep.document import (
    ArrayType,
    Assertion,
    Assignment,
    BicepDocument,
    Body,
    ElementType,
    Extends,
    Extension,
    ExtensionConfiguration,
    Function,
    Import,
    ImportedSymbol,
    LiteralType,
    Loop,
    MemberType,
    Metadata,
    Module,
    NamedType,
    NonNullableType,
    NullableType,
    ObjectType,
    Output,
    Parameter,
    Resource,
    Statement,
    TargetScope,
    Test,
    TupleType,
    Type,
    TypeDeclaration,
    TypeProperty,
    UnionType,
    Using,
    Variable,
)
from pgflexlint.syntax.bicep.lexer import Lexer, Refused
from pgflexlint.syntax.expressions import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Lambda,
    ListOf,
    Literal,
    Name,
    Nested,
    ObjectOf,
    Spread,
    Template,
    Unary,
)
from pgflexlint.syntax.tables import Table, Token, UnexpectedTokenError

_REREADING_LIMIT = 10
"""How many times over a file may be read again after errors, before the rest of it is given up."""

_ANYWHERE = {"var": "VAR", "type": "TYPE", "import": "IMPORT", "extension": "EXTENSION"}
_KEYWORDS = {
    ".bicep": _ANYWHERE
    | {
        "targetScope": "TARGET_SCOPE", "metadata": "METADATA", "param": "PARAM", "func": "FUNC", "output": "OUTPUT",
        "resource": "RESOURCE", "module": "MODULE", "test": "TEST", "assert": "ASSERT",
    },
    ".bicepparam": _ANYWHERE
    | {"using": "USING", "extends": "EXTENDS", "param": "ASSIGN", "extensionConfig": "EXTENSION_CONFIG"},
}  # fmt: skip
_SPELLED = {kind: word for words in _KEYWORDS.values() for word, kind in words.items()}
_DESCRIBED = {
    "NAME": "a name", "NUMBER": "a number", "CONSTANT": "a constant", "STRING": "a string", "STRING_START": "a string",
    "STRING_MIDDLE": "'}'", "STRING_END": "'}'", "BINARY": "an operator", "NEWLINE": "a new line",
    "FOR": "'for'", tables.END: "the end of the statement",
}  # fmt: skip
_EXPECTED_LIMIT = 4
"""How many things that would have been in place are named."""
_NUMBER_LIMIT = 2**64 - 1

_STATEMENT_LINE = re.compile(
    r"(?<![^\r\n])([ \t]*+)(?:@[A-Za-z_]|targetScope[ \t]*+=|using[ \t]++none\b|(?:"
    + "|".join(sorted({word for words in _KEYWORDS.values() for word in words} - {"targetScope"}))
    + r")[ \t]++(?:[A-Za-z_'{]|\*[ \t]*+as\b))"
)
_INDENTATION = re.compile(r"[ \t]*+")
_LINE_START = re.compile(r"(?<![^\r\n])[ \t]*+\Z")

_PRECEDENCE = {
    "??": 30, "||": 40, "&&": 50, "==": 70, "!=": 70, "=~": 70, "!~": 70,
    "<": 80, ">": 80, "<=": 80, ">=": 80, "+": 90, "-": 90, "*": 100, "/": 100, "%": 100,
}  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "null": None}
_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]+)\}|(.))")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}

_Value = TypeVar("_Value", bound=Expression | Type)


def read(file: SourceFile) -> BicepDocument:
    """What a `.bicep` or `.bicepparam` file holds; what of it cannot be read is a problem."""
    return _Reader(file).document()


@cache
def _table() -> Table:
    folder = files(__package__)
    return tables.load(Path(str(folder / "table.json")), (folder / "bicep.lark").read_text(encoding="utf-8"))


class _Reader:
    """The reading of one file."""

    def __init__(self, file: SourceFile) -> None:
        suffix = ".bicepparam" if file.path.endswith(".bicepparam") else ".bicep"
        self._file = file
        self._lexer = Lexer(file, _KEYWORDS[suffix])
        self._lowering = _Lowering(file)
        self._statements: dict[type[Statement], list[Any]] = {}
        self._problems: list[Problem] = []

    def document(self) -> BicepDocument:
        """All of it."""
        table, text = _table(), self._file.text
        actions = tables.bind(table, self._lowering)
        work = _REREADING_LIMIT * len(text)
        position: int | None = 0
        while position is not None:
            start = position
            position = None
            tokens = self._lexer.tokens(start)
            try:
                for statement in iter(lambda: tables.parse(table, actions, tokens), None):
                    self._statements.setdefault(type(statement), []).append(statement)
                self._lowering.finish()
            except UnexpectedTokenError as error:
                position = self._resume(self._unexpected(error))
            except Refused as error:
                position = self._resume(error)
            if position is not None:
                work -= self._lexer.reached - position
                if work < 0:
                    self._report(Refused("There are too many errors to read the rest.", position, position, kind=Kind.LIMIT))
                    position = None
        return self._gathered()
