"""What calls put into texts, such as `format("postgres://u:%s@h", "…")` and `join("", ["Password=", "…"])`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pgflexlint.lazily import compiled
from pgflexlint.redaction.literals import values_among
from pgflexlint.redaction.outline import REACH, Outline, Range, expression

_TEMPLATE = compiled(r'"\s*\[\s*[A-Za-z]')
"""How an expression of a template begins: a string of JSON with literals in it."""
_REST = compiled(r"[^']*+(?:''[^']*+)*+'")
ARGUMENT = r"(?:%(?:\[[0-9]\])?[-+#0]?+[0-9]{0,3}+[a-zA-Z]|\{[0-9]{1,2}(?:[,:][^{}\"']{1,20})?\})"
"""Where a call puts an argument into its text, such as `%s`, `%-10s`, `%[1]q` or `{0}`."""
_TAKES_ARGUMENTS = compiled(ARGUMENT)
_GOES_ON = compiled(r"(?:[^\r\n]*[ \t])?[\\\"']*")
"""A secret of which only the beginning is written, such as nothing, a quote or `Bearer `."""
_BLANK = r"(?:\s|(?:\#|//)[^\r\n]{0,400}){0,200}+"
_NEXT = compiled(
    rf"{_BLANK}(?:,{_BLANK}|(?=[\"']))(?!(?P<quote>[\"']?)[\w.-]{{1,80}}+(?P=quote)\s{{0,80}}(?:=(?!=)|:))"
)
"""What stands before a further argument or element. What has a name behind a comma is a member of an object."""
_AFTER_SECRET = compiled(r"[\"'][@;&\s\"'\\]")
"""How a literal begins that goes on behind the secret, such as `"@h"`."""


def put_in(text: str, outline: Outline, secrets: Iterable[Range]) -> Iterator[Range]:
    """The literals that are put into secrets. The secrets are given in order.

    All arguments are given for a secret that holds an `ARGUMENT`. A secret at the end of its text goes on in the next
    element, and in those behind it up to one that begins with a sign such as `@`.
    """
    looked = 0
    for start, end in secrets:
        takes_all = _TAKES_ARGUMENTS.search(text, start, end) is not None
        if start < looked or not (takes_all or _GOES_ON.fullmatch(text, start, end)):
            continue
        inside = outline.string(start)
        closed = _text_end(text, end, inside) if inside else 0
        if inside and (takes_all or not text[end:closed].strip("\\\"'")):
            looked = closed
            limit = inside[1] - 1 if closed < inside[1] else min(len(text), closed + REACH)
            for number, (first, found, stop) in enumerate(_arguments(text, closed, limit)):
                if number and not takes_all and _AFTER_SECRET.match(text, first):
                    break
                yield from found
                looked = stop


def _text_end(text: str, at: int, inside: Range) -> int:
    """Where the text ends that a place is in: the string `inside`, or a literal in an expression inside it."""
    start, end = inside
    near = min(end - 1, at + REACH)
    if _TEMPLATE.match(text, start):
        rest = _REST.match(text, at, near)
        return rest.end() if rest else end
    hole = text.rfind("${", max(start, at - REACH), at)
    if hole >= 0 and text.find("}", hole, at) < 0:
        closing = text.find("'" if text[start] == "'" else '"', at, near)
        return closing + 1 if closing >= 0 else end
    return end


def _arguments(text: str, start: int, limit: int) -> Iterator[tuple[int, list[Range], int]]:
    """The arguments behind a text: where each starts, its literals, and where it ends."""
    while following := _NEXT.match(text, start, limit):
        first = following.end()
        *found, (start, _) = expression(text, first, limit)
        yield first, list(values_among(text, found)), start
