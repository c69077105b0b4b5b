"""Reads HCL: a whole file, or one expression or template out of another language."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pgflexlint.problem import Kind, Problem, quoted
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax import tables
from pgflexlint.syntax.expressions import Expression
from pgflexlint.syntax.hcl.document import Argument, Block, Body, Document
from pgflexlint.syntax.hcl.explain import unexpected
from pgflexlint.syntax.hcl.grammar import load
from pgflexlint.syntax.hcl.lexer import Lexer, Token
from pgflexlint.syntax.hcl.lowering import Lowering
from pgflexlint.syntax.reading import Comment, RefusedError, too_long

MAX_PROBLEMS = 20
"""After so many problems in one file, the rest of it is left unread."""


def read(file: SourceFile) -> Document:
    """The arguments and blocks of a file, with whatever problems there were.

    An argument or block of the top level that cannot be read costs itself only. Of arguments of one name the first
    is kept. All comments are kept; of what had to be skipped to find the next block, those on lines of their own.
    """
    long = too_long(file)
    if long is not None:
        return Document(file, Body({}, ()), (), (long,))
    problems: list[Problem] = []

    def refuse(refused: RefusedError) -> None:
        problems.append(refused.at(Span(file, refused.start, refused.end)))

    def duplicate(first: Argument, second: Argument) -> None:
        message = f"Argument '{second.name}' is set twice; it was first set on line {first.name_span.first_line}."
        start, end = second.name_span.start, second.name_span.end
        refuse(RefusedError(message, start, end, "Remove one of the two.", names=quoted(message)))

    lexer = Lexer(file.text)
    lowering = Lowering(file.text, partial(Span, file), duplicate)
    parse = _parser("start", lowering)
    items: list[Argument | Block] = []
    at_fault = False
    while len(problems) <= MAX_PROBLEMS:
        begin = lexer.position
        try:
            tokens = lexer.item()
        except RefusedError as refused:
            refuse(refused)
            lexer.recover(begin, refused)
            continue
        if not tokens:
            break
        try:
            items.append(parse(tokens))
            at_fault = False
        except RefusedError as refused:
            if not (at_fault and refused.start <= tokens[1][2]):  # the rest of what was refused before
                refuse(refused)
            at_fault = True
    body = lowering.gather(items)
    if len(problems) > MAX_PROBLEMS:
        first_left_out = problems[MAX_PROBLEMS].span
        message = f"This file has more than {MAX_PROBLEMS} problems; what follows may not have been read."
        problems[MAX_PROBLEMS:] = [Problem(Kind.LIMIT, message, file.path, first_left_out, "Fix the others first.")]
    comments = tuple(Comment(file.text[start:end], Span(file, start, end)) for start, end in lexer.comments)
    return Document(file, body, comments, tuple(problems))


def read_expression(text: str, span: Span) -> Expression | Problem:
    """One expression that stands at `span`, such as the value of a variable given on the command line.

    Every node of it has this span, since `text` need not be what the file has there.
    """
    return _read(text, span, Lexer.expression)


def read_template(text: str, span: Span) -> Expression | Problem:
    """A string of Terraform's JSON syntax, decoded, as the template that it is: a `Literal` or a `Template`.

    Every node of it has this span.
    """
    return _read(text, span, Lexer.template)


def read_template_file(file: SourceFile) -> Expression | Problem:
    """A file that is one template. No node of it has any text, since the file may be nothing but a password."""
    return _read(file.text, Span(file.emptied, 0, 0), Lexer.template, file)


def _read(
    text: str, span: Span, words: Callable[[Lexer], list[Token]], file: SourceFile | None = None
) -> Expression | Problem:
    """`span` is that of each node; what is refused is at its place in `file`, if there is one, else at `span`."""
    lowering = Lowering(text, lambda start, end: span, lambda first, second: None)
    try:
        result: Expression = _parser("expression", lowering)(words(Lexer(text)))
    except RefusedError as refused:
        return refused.at(Span(file, refused.start, refused.end) if file is not None else span)
    return result


def _parser(start: str, lowering: Lowering) -> Callable[[list[Token]], Any]:
    """A function that reads tokens, the last an end token; it raises `RefusedError` where they are out of place."""
    run = tables.parser(load(), lowering, start, "_")

    def parse(tokens: list[Token]) -> Any:
        try:
            return run(tokens)
        except tables.UnexpectedTokenError as error:
            raise unexpected(tokens, error.at, error.expected) from None

    return parse
