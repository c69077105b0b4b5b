"""PGF902: a server parameter has a name or a value that Azure does not accept."""

import difflib
import re
from collections.abc import Iterable
from typing import NamedTuple

from pgflexlint.lazily import compiled
from pgflexlint.model import Parameter, Server
from pgflexlint.parameters import ParameterRow, facts, names, rows
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdict, Verdicts
from pgflexlint.values import Known, Unknown
from pgflexlint_rules._words import is_off, is_on, members, tls_version

RENAMED = {
    "connection_throttling": "connection_throttle.enable",
    "log_checkpoint": "log_checkpoints",
    "log_retention_days": "logfiles.retention_days",
}
"""Names of the single server, or close to them, with the names on the flexible server."""
GROWING = frozenset({"azure.extensions", "session_preload_libraries", "shared_preload_libraries"})
"""Sets to which Azure adds members at any time."""
OLD_TLS = {"ssl_min_protocol_version": 12, "ssl_max_protocol_version": 13}
"""TLS versions below these (ten times the number) are PGF102 and PGF103, in whatever spelling."""
_SHOWN = 8
"""How many allowed values a message lists."""
_WITH_UNIT = compiled(r"-?[\d.]+\s*[A-Za-z]+")


class Objection(NamedTuple):
    """What is wrong with a value: the key of a message, and what is allowed instead."""

    message: str
    allowed: str = ""
    level: Level = Level.WARNING


def check(server: Server) -> Verdicts:
    """Compare each parameter with what Azure documents for the server's version."""
    for part in server.parameters:
        if part.by_system:
            continue
        if isinstance(part.name, Unknown):
            yield Undecided(part.name)
        elif part.name.value in RENAMED:
            right = RENAMED[part.name.value]
            yield Fail(part.name, "renamed", (server.label, part.name.value, right), part=part)
        elif not rows(part.name.value):
            yield _unknown_name(server, part, part.name)
        else:
            yield from _judged(server, part, part.name.value)


def _unknown_name(server: Server, part: Parameter, name: Known[str]) -> Verdict:
    near = difflib.get_close_matches(name.value, names(), 1, 0.8)
    if not near:
        reason = f"'{name.value}' is not among the parameters that pgflexlint knows"
        return Undecided(Unknown(reason, name.span, name.trace))
    return Fail(name, "unknown", (server.label, name.value, near[0]), Level.NOTE, part)


def _judged(server: Server, part: Parameter, name: str) -> Verdicts:
    """A failure if every possible value and version leads to the same objection, else undecided."""
    value = part.value
    versions = [server.version] if isinstance(server.version, Known) else server.version.candidates
    documented = [facts(name, version.value) for version in versions]
    known = [row for row in documented if row is not None]
    certain = bool(known) and len(known) == len(documented)
    texts = [value.value] if isinstance(value, Known) else [each.value for each in value.candidates] or [None]
    objections = {_objection(row, text) for row in (known if certain else rows(name)) for text in texts}
    if objections == {None}:
        if isinstance(value, Unknown) and not value.candidates:
            yield Undecided(value)
    elif len(objections) > 1 or not (certain or isinstance(server.version, Unknown)):
        yield Undecided(_doubt(server, part, name))
    else:
        (objection,) = objections
        assert objection is not None
        at = part.name if objection.message in ("absent", "read_only") else value
        said = " or ".join(dict.fromkeys(texts)) if texts != [None] else ""
        version = server.version.value if isinstance(server.version, Known) else ""
        arguments = (server.label, name, said, objection.allowed, version)
        yield Fail(at, objection.message, arguments, objection.level, part)


def _doubt(server: Server, part: Parameter, name: str) -> Unknown:
    if isinstance(part.value, Unknown):
        return part.value
    if isinstance(server.version, Known):
        version = server.version.value
        reason = f"whether PostgreSQL '{version}' has '{name}', and what it takes for it, is not documented"
        return Unknown(reason, part.value.span, part.value.trace)
    reason = f"what may be written for '{name}' depends on the PostgreSQL version, and {server.version.reason}"
    return Unknown(reason, part.value.span, (*part.value.trace, *server.version.trace))


def _objection(row: ParameterRow, text: str | None) -> Objection | None:
    """What is wrong with a value on a version; for an unknown value (None), only what is wrong with every value."""
    if row.type is None:
        return Objection("absent")
    if text is not None and row.default is not None and text.casefold() == row.default.casefold():
        return None
    if row.change == "read-only":
        return None if text is None else Objection("read_only")
    if text is None:
        return None
    if row.type in ("integer", "numeric"):
        return _number(row, text)
    if row.type == "string":
        matches = re.fullmatch(row.pattern or ".*", text, re.IGNORECASE | re.DOTALL)
        return None if matches else Objection("value", f"text of the form {row.pattern}")
    allowed = {value.casefold() for value in row.values}
    if row.type == "set":
        foreign = {member for member in members(text) - allowed if not member.startswith("-")}
        growing = row.name in GROWING
        return _outside(row.values, Level.NOTE if growing else Level.WARNING) if foreign else None
    version = tls_version(text)
    if text.strip().casefold() in allowed or (version is not None and version < OLD_TLS.get(row.name, 0)):
        return None
    if row.type == "boolean" and (is_on(text) or is_off(text)):
        return Objection("spelling", " or ".join(row.values), Level.NOTE)
    return _outside(row.values, Level.WARNING)


def _number(row: ParameterRow, text: str) -> Objection | None:
    if _WITH_UNIT.fullmatch(text.strip()):
        return None
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    assert row.least is not None
    assert row.most is not None
    whole = row.type == "numeric" or number.is_integer()
    if whole and row.least <= number <= row.most:
        return None
    return Objection("value", f"a {'whole ' if row.type == 'integer' else ''}number from {row.least} to {row.most}")


def _outside(values: Iterable[str], level: Level) -> Objection:
    listed = list(values)
    more = f" and {len(listed) - _SHOWN} others" if len(listed) > _SHOWN else ""
    return Objection("value", ", ".join(listed[:_SHOWN]) + more, level)


RULE = Rule(
    id="PGF902",
    slug="server-parameter-invalid",
    summary="A server parameter has a name or a value that Azure does not accept.",
    level=Level.WARNING,
    security_severity=5.0,
    messages={
        "renamed": "Parameter '{1}' of server '{0}' belongs to the retired single server; here its name is '{2}'.",
        "unknown": "No server parameter '{1}' is known for server '{0}'; the nearest is '{2}'.",
        "absent": "No server parameter '{1}' exists on server '{0}' with its PostgreSQL version.",
        "read_only": "Parameter '{1}' cannot be changed on server '{0}': it is read-only on Azure.",
        "value": "The value '{2}' of server parameter '{1}' is not one that server '{0}' takes. Azure takes '{3}'.",
        "spelling": "The value '{2}' of server parameter '{1}' of server '{0}' is not what Azure documents. It "
        "documents '{3}'.",
    },
    why="A wrong name or value stops the deployment, or passes in silence and leaves a protection off that somebody "
    "relies on. That is discovered on the day when the protection is needed.",
    fix_terraform="Write the name and the value as the documentation of server parameters gives them for this version.",
    fix_template="Write the name and the value as the documentation of server parameters gives them for this version.",
    limits="Knows what Azure documented when this version of pgflexlint was made. Reports that a PostgreSQL version "
    "lacks a parameter only for PostgreSQL's own parameters, because extensions and Azure may add theirs to any "
    "version on any day. Does not judge numbers with units, such as `64MB`, a value that `source` marks as the "
    "system's default, or a read-only parameter that is written with its default. An old TLS version is PGF102 or "
    "PGF103.",
    references=("https://learn.microsoft.com/azure/postgresql/server-parameters/concepts-server-parameters",),
    check=check,
    cwe=(693,),
)
