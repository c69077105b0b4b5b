"""Shared by the rules about settings of a server: what it means if a setting is not written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pgflexlint.model import Parameter, Server, brought_along
from pgflexlint.parameters import facts
from pgflexlint.rule import Fail, Level, Undecided, Verdicts, forbid
from pgflexlint.values import Known, Origin, Unknown, Value, decide, holds

T = TypeVar("T")


def forbid_parameter(
    server: Server,
    name: str,
    wrong: Callable[[str | None], bool],
    message: str,
    *arguments: str,
    level: Level | None = None,
    instead: str | None = None,
) -> Verdicts:
    """`forbid` for a server parameter. If the server is declared elsewhere, only a written value is judged.

    Yields nothing if the PostgreSQL version has no such parameter.
    """
    parts = written(server, name)
    if (not server.declared and not parts) or lacks(server, name):
        return
    value = server.parameter(name)
    part = next((part for part in parts if part.value is value), None)
    yield from forbid(value, wrong, message, *arguments, level=level, part=part, instead=instead)


def written(server: Server, name: str) -> list[Parameter]:
    """The declarations of a parameter."""
    return [part for part in server.parameters if holds(part.name, lambda known: known == name)]


def lacks(server: Server, name: str) -> bool:
    """Whether the server's PostgreSQL version is known to have no such parameter."""

    def documented_as_missing(version: str) -> bool:
        row = facts(name, version)
        return row is not None and row.type is None

    return bool(holds(server.version, documented_as_missing))


def forbid_property(
    server: Server,
    value: Value[T],
    wrong: Callable[[T], bool],
    message: str,
    *arguments: str,
    level: Level | None = None,
) -> Verdicts:
    """`forbid` for a property of the server itself; undecided if it may come from another server.

    If the server is declared elsewhere, only a value that an update of it writes is judged.
    """
    if holds(value, wrong) is False:
        return
    if not server.declared:
        if updated(server, value):
            yield from forbid(value, wrong, message, *arguments, level=level)
        return
    doubt = inherited(server, value)
    if doubt is not None:
        yield Undecided(doubt)
    else:
        yield from forbid(value, wrong, message, *arguments, level=level)


def updated(server: Server, value: Value[Any]) -> bool:
    """Whether an update of a server that is declared elsewhere writes a value. All other values are at its header."""
    return value.span != server.header


def inherited(server: Server, value: Value[T]) -> Unknown | None:
    """Why a setting may come from the server that this one is created from; None if it does not.

    A replica takes its settings from its primary. A restored server takes those that are not written from its source.
    """
    if server.replica:
        return Unknown("a read replica may take the setting from its primary server", server.header)
    if server.replica is None and isinstance(server.create_mode, Unknown):
        return Unknown(
            f"the server may be a read replica; its create mode is not known because {server.create_mode.reason}",
            server.header,
            server.create_mode.trace,
        )
    defaulted = isinstance(value, Known) and value.origin is Origin.DEFAULT
    return brought_along(server.create_mode, server.header, "the setting") if defaulted else None


def provided(condition: Value[bool], verdicts: Verdicts) -> Verdicts:
    """The verdicts if a condition is true, none if it is false, and undecided instead of failures if it is unknown."""
    answer = decide(condition, bool)
    for verdict in verdicts if answer is not False else ():
        yield Undecided(answer) if isinstance(answer, Unknown) and isinstance(verdict, Fail) else verdict


def passwords_count(server: Server) -> Value[bool]:
    """Whether password authentication is on. A server that is declared elsewhere is judged as if it were on."""
    return server.authentication.password if server.declared else Known(True, server.header)


def elsewhere(server: Server, what: str) -> Unknown | None:
    """Why a server may have something that is declared outside the checked files; None if it cannot.

    `what` comes with its article, such as "a lock". A server that is created from another one takes none of these
    along, but a server that is only updated keeps what it has.
    """
    if not server.whole:
        return Unknown(f"whoever uses this module may add {what}", server.header)
    update = decide(server.create_mode, lambda mode: mode == "Update")
    if isinstance(update, Unknown):
        reason = f"the server may be there already and have {what}: its create mode is unknown, as {update.reason}"
        return Unknown(reason, server.header, update.trace)
    reason = f"the server is there already, as its create mode says, and may have {what} from before"
    return Unknown(reason, server.header) if update else None


def public_endpoint(server: Server) -> Value[bool]:
    """Whether the server has a public endpoint, and the firewall counts.

    A server that is declared elsewhere is judged as if it had one, unless an update of it says otherwise.
    """
    network = server.network
    if not server.declared:
        return network.public_access if updated(server, network.public_access) else Known(True, server.header)
    if network.public is not None:
        return Known(network.public, server.header)
    value: Value[object] = network.delegated_subnet if network.vnet_integrated is None else network.public_access
    assert isinstance(value, Unknown)
    return value
