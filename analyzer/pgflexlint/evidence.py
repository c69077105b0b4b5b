"""What tells two findings of one rule on one resource apart, besides the message: level and values.

Baseline keys hash it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pgflexlint.model import KeyVaultSecret, Output, Part, Server
from pgflexlint.rule import Fail, Rule
from pgflexlint.values import Known, Unknown, Value

_SECRET = "password"
"""The field of a part that holds a password."""


def evidence(rule: Rule, subject: Part, fail: Fail) -> tuple[str, ...]:
    """The evidence of a failure: texts that do not depend on the order in which the sources write things.

    For a part of a server it holds all values of the part, such as the range of a firewall rule or the objects of a
    grant, but no password. For a server as a whole it holds only the value that the rule reports.
    """
    part = fail.part or subject
    found = list(_at(part, fail) if isinstance(part, Server) else _values(part))
    if fail.level not in (None, rule.level):
        found.append(f"level={fail.level.value}")
    return (*found, *sorted(related.text for related in fail.related))


def _at(server: Server, fail: Fail) -> Iterator[str]:
    """The value that the rule reports, unless the message quotes it or it is a boolean, null or a password."""
    secret = any(fail.at is password.value for password in server.authentication.administrator_passwords)
    if isinstance(fail.at, Known | Unknown) and not secret:
        known = (fail.at,) if isinstance(fail.at, Known) else fail.at.candidates
        texts = {_text(each) for each in known if not isinstance(each.value, bool | None)}
        yield from sorted(texts.difference(fail.arguments))


def _values(part: Part) -> Iterator[str]:
    if isinstance(part, KeyVaultSecret | Output):
        return  # what they hold is secret
    for name in part.__struct_fields__:
        match getattr(part, name):
            case Known() | Unknown() as value if name != _SECRET:
                yield f"{name}={_text(value)}"
            case tuple() as pairs:
                yield from (f"{pair[0]}={_text(pair[1])}" for pair in pairs if _is_named(pair))


def _is_named(pair: object) -> bool:
    """Whether it is a pair of a name and a value."""
    return isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], Known | Unknown)


def _text(value: Value[Any]) -> str:
    """What is known of a value. Lists are sorted."""
    match value:
        case Unknown():
            return f"?({', '.join(sorted(_text(each) for each in (*value.candidates, *value.some)))})"
        case Known(tuple() as items):
            return f"[{', '.join(sorted(map(_text, items)))}]"
        case Known(Mapping() as members):
            return f"{{{', '.join(sorted(f'{key}: {_text(member)}' for key, member in members.items()))}}}"
        case _:
            return str(value.value)
