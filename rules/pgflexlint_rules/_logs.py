"""Shared by the rules about logs: whether somebody keeps them, and what a log line says."""

from __future__ import annotations

import re

from pgflexlint.lazily import compiled
from pgflexlint.model import DiagnosticSetting, Server
from pgflexlint.values import Unknown, decide, holds

_LOGS = frozenset({"postgresqllogs", "audit", "alllogs"})
"""The category of the server's log, and the category groups that it is in
(https://learn.microsoft.com/azure/postgresql/monitor/how-to-configure-and-access-logs)."""
_ESCAPE = compiled(r"%(?:-?\d+)?(.)", re.DOTALL)


def keeps_logs(setting: DiagnosticSetting) -> bool | Unknown:
    """Whether a diagnostic setting sends the server's log anywhere, or why that is unknown."""
    doubts: list[Unknown] = [*setting.logs.gaps]
    sent = False
    for category in setting.logs:
        wanted = holds(category.name, lambda name: name.casefold() in _LOGS)
        answers = (wanted, holds(category.enabled, bool))
        if answers == (True, True):
            sent = True
        elif False not in answers:
            doubts += [each for each in (category.name, category.enabled) if isinstance(each, Unknown)]
    anywhere = decide(setting.destinations, lambda number: number > 0)
    if anywhere is False or not (sent or doubts):
        return False
    if not sent:
        return doubts[0]
    return anywhere if isinstance(anywhere, Unknown) else setting.maybe or True


def logs_kept(server: Server) -> bool | Unknown:
    """Whether a declared diagnostic setting sends the server's log anywhere, or why that is unknown."""
    answers = [keeps_logs(setting) for setting in server.diagnostic_settings]
    if True in answers:
        return True
    doubts = [answer for answer in (*answers, *server.diagnostic_settings.gaps) if isinstance(answer, Unknown)]
    return doubts[0] if doubts else False


def escapes(prefix: str) -> frozenset[str]:
    """The letters of the escapes in a `log_line_prefix`: `u` for `%u` and `%-10u`, and not for `%%u`.

    https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-LOG-LINE-PREFIX
    """
    return frozenset(_ESCAPE.findall(prefix))
