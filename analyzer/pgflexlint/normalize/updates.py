"""Applies updates of a server to its declared settings.

`azapi_update_resource` writes over a server that something else creates
(https://registry.terraform.io/providers/Azure/azapi/latest/docs/resources/update_resource).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from pgflexlint.model import TWICE, Network, Part, Server, one_of
from pgflexlint.source import Span
from pgflexlint.values import Known, Unknown, Value, holds

_SETTINGS = (
    "version", "tier", "network", "authentication", "backup", "high_availability", "encryption", "storage",
    "maintenance_window", "as_arm",
)  # fmt: skip
"""The fields of a server that an update may write, or that contain such fields."""
_Settings = TypeVar("_Settings", bound=Struct)


def updated(server: Server, updates: Sequence[Server]) -> Server:
    """A server with the settings that its updates write.

    Settings that an update does not write have its header as their span. If several updates write the same setting, it
    is unknown which one counts, because nothing orders them. A server that is not declared is an update itself.
    """
    return _with(server, [(update, update) for update in updates], _SETTINGS)


def _with(mine: _Settings, theirs: Sequence[tuple[_Settings, Server]], names: Iterable[str]) -> _Settings:
    """Settings, with those that the updates write. Each update comes with its own settings."""
    fields = {
        name: _field(getattr(mine, name), [(getattr(settings, name), update) for settings, update in theirs])
        for name in names
    }
    return replace(mine, **fields)


def _field(mine: Any, theirs: Sequence[tuple[Any, Server]]) -> Any:
    match mine:
        case Known() | Unknown():
            return _value(mine, theirs)
        case tuple():
            items = (*mine, *(item for each, _ in theirs for item in each))
            return tuple({id(item): item for item in items}.values())
        case Network():
            return _in_effect(_with(mine, theirs, mine.__struct_fields__), mine.public_access)
        case Struct() if not isinstance(mine, Part | Span):
            return _with(mine, theirs, mine.__struct_fields__)
        case _:
            return next((each for each, _ in theirs if each), mine)


def _value(mine: Value[Any], theirs: Sequence[tuple[Value[Any] | None, Server]]) -> Value[Any]:
    written = [(value, update) for value, update in theirs if value is not None and value.span != update.header]
    if not written:
        return mine
    (value, update), *others = written
    if others:
        return one_of([each for each, _ in written], TWICE)
    return value if update.maybe is None else one_of([value, mine], update.maybe.reason)


def _in_effect(network: Network, before: Value[bool]) -> Network:
    """The network after updates. An ignored setting is dropped if an update writes it, or if access was off before."""
    if network.public_access is not before or holds(before, bool) is False:
        return replace(network, ignored_public_access=None, ignored_because="", ignored_doubt=None)
    return network
