"""Changes of the source that mend a finding: one literal for another, where the platform receives it."""

from __future__ import annotations

import re

from pgflexlint.report import Edit
from pgflexlint.rule import Fail
from pgflexlint.values import Known, Origin

_LITERAL = re.compile(r"""(?P<quote>["'])(?P<text>[^"'\\\n$%{}\[]*)(?P=quote)|true|false""")
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
