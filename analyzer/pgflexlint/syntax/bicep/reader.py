"""Bicep text to documents.

The grammar takes a line of the top level at a time, so an error costs the statement it is in: reading goes on at the
next line that begins a statement and is indented no deeper. What each rule of the grammar makes of its parts stands in
`Lowering`, under the names that bicep.lark gives.
"""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec.structs import replace

from pgflexlint.lazily import compiled
from pgflexlint.problem import Kind, Problem, most_alike
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax import tables
from pgflexlint.syntax.bicep._lowering import Lowering
from pgflexlint.syntax.bicep.document import (
    Assignment,
    BicepDocument,
    Extends,
    Function,
    Import,
    Module,
    Output,
    Parameter,
    Resource,
    Statement,
    TypeDeclaration,
    Using,
    Variable,
)
from pgflexlint.syntax.bicep.grammar import load
from pgflexlint.syntax.bicep.lexer import SHOWN_LIMIT, Level, Lexer
from pgflexlint.syntax.expressions import Call
from pgflexlint.syntax.reading import RefusedError, too_long
from pgflexlint.syntax.tables import UnexpectedTokenError

_PROBLEM_LIMIT = 100
"""How many errors are reported for a file before the rest of it is given up."""
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

_STATEMENT_LINE = compiled(
    r"(?<![^\r\n])([ \t]*+)(?:@[A-Za-z_]|targetScope[ \t]*+=|(?:"
    + "|".join(sorted({word for words in _KEYWORDS.values() for word in words} - {"targetScope"}))
    + r")[ \t]++(?:[A-Za-z_'{]|\*[ \t]*+as\b))"
)


_Statement = TypeVar("_Statement", bound=Statement)


def read(file: SourceFile) -> BicepDocument:
    """What a `.bicep` or `.bicepparam` file holds; what of it cannot be read is a problem."""
    return _Reader(file).document()


class _Reader:
    """The reading of one file."""

    def __init__(self, file: SourceFile) -> None:
        suffix = ".bicepparam" if file.path.endswith(".bicepparam") else ".bicep"
        self._file = file
        self._keywords = _KEYWORDS[suffix]
        self._lexer = Lexer(file, self._keywords)
        self._lowering = Lowering(file)
        self._decorators: list[Call] = []
        """Those of the statement to come."""
        self._statements: dict[type[Statement], list[Any]] = {}
        self._problems: list[Problem] = []

    def document(self) -> BicepDocument:
        """All of it."""
        long = too_long(self._file)
        if long is not None:
            self._problems.append(long)
            return self._gathered()
        again = _REREADING_LIMIT * len(self._file.text)
        position: int | None = 0
        while position is not None:
            refused = self._read_from(position)
            if refused is None:
                break
            position = self._resume(refused)
            if position is not None:
                again -= max(self._lexer.reached - position, 0)
                if again < 0 or len(self._problems) >= _PROBLEM_LIMIT:
                    self._report(
                        RefusedError("There are too many errors to read on.", position, position, kind=Kind.LIMIT)
                    )
                    break
        return self._gathered()

    def _read_from(self, position: int) -> RefusedError | None:
        """Read statements from an offset to the end or to the first error."""
        parse = tables.parser(load(), self._lowering)
        tokens = self._lexer.tokens(position)
        try:
            while (found := parse(tokens)) is not None:
                self._lowering.finish()
                if isinstance(found, Statement):
                    if self._decorators:
                        found = replace(found, decorators=tuple(self._decorators))
                        self._decorators.clear()
                    self._statements.setdefault(type(found), []).append(found)
                else:
                    self._decorators.append(found)
        except UnexpectedTokenError as error:
            return self._unexpected(error)
        except RefusedError as error:
            return error
        if self._decorators:
            span = self._decorators[-1].span
            return RefusedError("This decorator has no statement below it.", span.start, span.end)
        return None

    def _resume(self, refused: RefusedError) -> int | None:
        """Report an error. The offset where to go on reading, if there is one."""
        text, statement = self._file.text, self._lexer.statement
        before = text[max(text.rfind("\n", 0, statement), text.rfind("\r", 0, statement)) + 1 : statement]
        indentation = len(before) - len(before.lstrip())
        lines = (line.start() for line in _STATEMENT_LINE.finditer(text, statement + 1) if len(line[1]) <= indentation)
        position = next(lines, None)
        unclosed = self._unclosed()
        if position is not None and refused.start >= position and refused.kind is Kind.SYNTAX and unclosed:
            refused = RefusedError(f"This '{unclosed.opening}' is never closed.", unclosed.offset, unclosed.offset + 1)
        self._report(refused)
        if not text.startswith("@", statement):
            self._decorators.clear()
        self._lowering.forget()
        if position is not None:
            self._lexer.forget(position)
        return position

    def _report(self, refused: RefusedError) -> None:
        self._problems.append(refused.at(Span(self._file, refused.start, refused.end)))

    def _unexpected(self, error: UnexpectedTokenError) -> RefusedError:
        """The error in words."""
        kind, text, start, end = error.token
        is_name = kind == "NAME" or kind in _SPELLED
        found = f"'{text[:SHOWN_LIMIT]}'" if is_name else _DESCRIBED.get(kind, f"'{text}'")
        keywords = tuple(_SPELLED.values())
        if start == self._lexer.statement:
            likely = most_alike(text, self._keywords) if is_name and text not in self._keywords else None
            ending = "." if likely is None or text in keywords else f"; did you mean '{likely}'?"
            # A word that is like no keyword may be a part of anything, such as of a text that is not in quotes.
            names = (text, *keywords) if likely is not None else keywords
            return RefusedError(f"No statement begins with {found}{ending}", start, end, names=names)
        expected = sorted({_DESCRIBED.get(each, f"'{_SPELLED.get(each, each)}'") for each in error.expected})
        hint = ""
        if unclosed := self._unclosed():
            hint = f"The '{unclosed.opening}' of line {self._file.position(unclosed.offset).line} is still open."
        if len(expected) > _EXPECTED_LIMIT:
            message = f"{found[0].upper()}{found[1:]} is out of place here."
            return RefusedError(message, start, end, hint, names=keywords)
        *others, last = expected
        wanted = f"{', '.join(others)} or {last}" if others else last
        return RefusedError(f"Here should be {wanted}, not {found}.", start, end, hint, names=keywords)

    def _unclosed(self) -> Level | None:
        """The innermost bracket that is open."""
        return next((level for level in reversed(self._lexer.levels) if level.rest is None), None)

    def _gathered(self) -> BicepDocument:
        def of(kind: type[_Statement]) -> tuple[_Statement, ...]:
            return tuple(self._statements.get(kind, ()))

        return BicepDocument(
            file=self._file,
            parameters=of(Parameter),
            variables=of(Variable),
            types=of(TypeDeclaration),
            functions=of(Function),
            resources=of(Resource),
            modules=of(Module),
            outputs=of(Output),
            imports=of(Import),
            usings=of(Using),
            extends=of(Extends),
            assignments=of(Assignment),
            comments=tuple(self._lexer.comments),
            problems=tuple(self._problems),
        )
