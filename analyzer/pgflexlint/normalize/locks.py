"""Tells which servers a management lock protects: those in its scope.

https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pgflexlint.lazily import compiled
from pgflexlint.model import Server
from pgflexlint.normalize.claims import GROUP
from pgflexlint.normalize.reading import EQUALITY
from pgflexlint.values import Known, Unknown, Value

_SUBSCRIPTION = compiled(r"(?:^|\.)data\.azurerm_(?:subscription|client_config)\.|^subscription\(\)$")
"""The address of what stands for the subscription of the deployment."""
_GROUP = compiled(rf"(?:^|\.)azurerm_resource_group\.|^{re.escape(GROUP)}$")
_UNCERTAIN = compiled(r"(?:^|\.)module\.[^.\[\]]+(?:\[[^\]]*\])?$|management_?group", re.IGNORECASE)
"""A scope that is not in sight, or contains subscriptions that are not."""
_ID = compiled(
    r"/subscriptions/[^/]*(?:/resourceGroups/(?P<group>[^/]*))?(?P<resource>/providers/.*)?/?", re.IGNORECASE
)


def covers(scope: Value[Any], server: Server, groups: Mapping[str, Value[str]], *, made: bool) -> bool | None:
    """Whether a lock protects a server that is not its scope itself; None if that is unknown.

    `groups` are the names of the resource groups that are declared here, by their addresses. `made` is true if the
    scope refers to another server, or to the module that made it.
    """
    if scope.reference is not None:
        address = scope.reference.address
        if _SUBSCRIPTION.search(address):
            return True
        if _GROUP.search(address):
            return _same_group(scope, server.resource_group, groups)
        return None if _UNCERTAIN.search(address) and not made else False
    pieces = (scope,) if isinstance(scope, Known) else scope.parts
    found = _ID.fullmatch("".join(str(each.value) if isinstance(each, Known) else "\0" for each in pieces))
    if found is None:
        return None
    if found["resource"]:
        return None if "\0" in found["resource"] else False
    if found["group"] is not None:
        last = pieces[-1] if "\0" in found["group"] else Known(found["group"], scope.span)
        return _same_group(last, server.resource_group, groups)
    own = any(each.reference is not None and _SUBSCRIPTION.search(each.reference.address) for each in pieces)
    return True if own else None


def _same_group(one: Value[Any], other: Value[Any], groups: Mapping[str, Value[str]]) -> bool | None:
    addresses = [value.reference.address if value.reference is not None else None for value in (one, other)]
    if addresses[0] is not None and addresses[0] == addresses[1]:
        return True
    names = [_name(value, groups) for value in (one, other)]
    if isinstance(names[0], Known) and isinstance(names[1], Known):
        return str(names[0].value).lower() == str(names[1].value).lower()
    if EQUALITY.equal(*names) is True:
        return True
    return False if all(address in groups for address in addresses) else None


def _name(group: Value[Any], groups: Mapping[str, Value[str]]) -> Value[Any]:
    """The name of a resource group, from its name or id."""
    if isinstance(group, Known):
        return group.map(lambda text: str(text).rstrip("/").rpartition("/")[2])
    return groups.get(group.reference.address, group) if group.reference is not None else group


def doubt(label: str, scope: Value[Any], server: Server) -> Unknown:
    """Why it is unknown whether a lock protects a server."""
    unsure = scope if isinstance(scope, Unknown) else server.resource_group
    because = unsure.reason if isinstance(unsure, Unknown) and unsure.reason else "its scope does not tell"
    return Unknown(
        f"it cannot be determined whether lock '{label}' protects it, because {because}", scope.span, scope.trace
    )
