"""The three settings that pgaudit needs before it logs anything.

https://learn.microsoft.com/azure/postgresql/security/security-audit
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pgflexlint.model import Server
from pgflexlint.values import Unknown, decide
from pgflexlint_rules._server import written
from pgflexlint_rules._words import members

LOADED, ALLOWED, CLASSES = "shared_preload_libraries", "azure.extensions", "pgaudit.log"


def _names_it(text: str | None) -> bool:
    return "pgaudit" in members(text)


def _names_a_class(text: str | None) -> bool:
    return bool(members(text) - {"none"})


LINKS: Mapping[str, Callable[[str | None], bool]] = {
    LOADED: _names_it,
    ALLOWED: _names_it,
    CLASSES: _names_a_class,
}
"""Each parameter, with the test that its value must pass."""


def missing(server: Server) -> tuple[list[str], list[Unknown]]:
    """The settings that are certainly missing, and the unknown values of others.

    If the server is declared elsewhere, a setting that is not written here may be there. Then a list without pgaudit
    counts as missing only if the classes are written without any, or another setting is written as pgaudit needs it.
    """
    answers = {
        name: decide(server.parameter(name), passes)
        for name, passes in LINKS.items()
        if server.declared or written(server, name)
    }
    absent = [name for name, answer in answers.items() if answer is False]
    if not server.declared and CLASSES not in absent and True not in answers.values():
        absent = []
    return absent, [answer for answer in answers.values() if isinstance(answer, Unknown)]
