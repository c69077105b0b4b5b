"""What an HCL file holds, as its readers see it: blocks, arguments, comments.

The words are HCL's: a block has a type, labels and a body of arguments and nested blocks
(https://developer.hashicorp.com/terraform/language/syntax/configuration).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from pgflexlint.problem import Problem
from pgflexlint.source import SourceFile, Span
from pgflexlint.syntax.expressions import Expression
from pgflexlint.syntax.reading import Comment


class Argument(Struct, frozen=True):
    """`name = value`."""

    name: str
    name_span: Span
    value: Expression


class Body(Struct, frozen=True):
    """What stands between the braces of a block, or in a whole file."""

    arguments: Mapping[str, Argument]
    blocks: tuple[Block, ...]


class Block(Struct, frozen=True):
    """`type "label" … { body }`."""

    type: str
    labels: tuple[str, ...]
    header: Span
    """From the type to the last label."""
    span: Span
    """From the type to the closing brace."""
    body: Body


BLOCKS: Mapping[str, int] = {
    "resource": 2, "data": 2, "ephemeral": 2, "action": 2, "variable": 1, "output": 1, "module": 1, "provider": 1,
    "check": 1, "locals": 0, "terraform": 0, "moved": 0, "import": 0, "removed": 0,
}  # fmt: skip
"""The blocks that stand in a configuration file by themselves, and how many labels they have
(https://developer.hashicorp.com/terraform/language/syntax/configuration)."""


class Document(Struct, frozen=True):
    """One file. Where there are problems, `body` holds what could be read all the same."""

    file: SourceFile
    body: Body
    comments: tuple[Comment, ...]
    problems: tuple[Problem, ...]
