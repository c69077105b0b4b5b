"""Changes of the source that mend a finding: one literal for another, where the platform receives it."""

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
"""How ARM spells a boolean, by a spelling of either: what false is, and what true."""


def edit(fail: Fail) -> Edit | None:
    """The change that a failure suggests; None where its value is not written as a literal right there.

    A literal that comes from elsewhere may serve other resources as well, and is left to a person.
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
    """Which server parameters receive a literal: one in a loop may be right for some of them."""

    def __init__(self) -> None:
        self._receive: dict[Span, set[tuple[str, str]]] = defaultdict(set)
        self._mended: dict[Edit, set[tuple[str, str]]] = defaultdict(set)

    def add(self, root: str, part: Part) -> None:
        """Keep what a part of the model receives."""
        for parameter in part.parameters if isinstance(part, Server) else ():
            self._receive[parameter.value.span].add((root, parameter.address))

    def update(self, others: Receivers) -> None:
        """Take what others know."""
        for span, received in others._receive.items():
            self._receive[span] |= received

    def mend(self, findings: Iterable[tuple[str, Finding]]) -> None:
        """Keep which resources want a change, each with the root that it is in."""
        for root, finding in findings:
            if finding.edit is not None:
                self._mended[finding.edit].add((root, finding.address))

    def safe(self, finding: Finding) -> Finding:
        """The finding, without its change where that would reach a parameter with which nothing is wrong."""
        change = finding.edit
        if change is None or self._receive[change.span] <= self._mended[change]:
            return finding
        return replace(finding, edit=None)
