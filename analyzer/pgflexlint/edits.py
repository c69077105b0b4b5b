"""Edits of the source that fix a finding: they replace a literal where the platform receives it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from pgflexlint.lazily import compiled
from pgflexlint.model import Part, Server
from pgflexlint.report import Edit, Finding
from pgflexlint.rule import Fail
from pgflexlint.source import Span
from pgflexlint.values import Known, Origin

_LITERAL = compiled(r"""(?P<quote>["'])(?P<text>[^"'\\\n$%{}\[]*)(?P=quote)|true|false""")
_OPPOSITES = {"enabled": ("Disabled", "Enabled"), "disabled": ("Disabled", "Enabled")}
"""ARM's words for false and true, by one of these words in lower case."""


def edit(fail: Fail) -> Edit | None:
    """The edit that fixes a failure; None unless its value is written as a literal right there.

    A literal that comes from elsewhere may be used by other resources as well, so a person has to change it.
    """
    value = fail.at
    if fail.instead is None or not isinstance(value, Known) or value.origin is not Origin.WRITTEN or value.trace:
        return None
    literal = _LITERAL.fullmatch(value.span.text)
    if literal is None:
        return None
    written = literal["text"]
    if written is None:
        return Edit(value.span, "true" if fail.instead else "false") if isinstance(fail.instead, bool) else None
    text = fail.instead
    if isinstance(text, bool):
        text = _OPPOSITES.get(written.lower(), ("false", "true"))[text]
    return Edit(value.span, f"{literal['quote']}{text}{literal['quote']}")


class Receivers:
    """Knows which server parameters receive a literal. A literal in a loop may be right for some of them."""

    def __init__(self) -> None:
        self._receive: dict[Span, set[tuple[str, str]]] = defaultdict(set)
        self._mended: dict[Edit, set[tuple[str, str]]] = defaultdict(set)

    def add(self, root: str, part: Part) -> None:
        """Add what a part of the model receives."""
        for parameter in part.parameters if isinstance(part, Server) else ():
            self._receive[parameter.value.span].add((root, parameter.address))

    def update(self, others: Receivers) -> None:
        """Add what others have collected."""
        for span, received in others._receive.items():
            self._receive[span] |= received

    def mend(self, findings: Iterable[tuple[str, Finding]]) -> None:
        """Add the resources that an edit would fix. Each finding comes with its root."""
        for root, finding in findings:
            if finding.edit is not None:
                self._mended[finding.edit].add((root, finding.address))

    def safe(self, finding: Finding) -> Finding:
        """The finding; without its edit if that would change a parameter that has no finding."""
        change = finding.edit
        if change is None or self._receive[change.span] <= self._mended[change]:
            return finding
        return replace(finding, edit=None)
