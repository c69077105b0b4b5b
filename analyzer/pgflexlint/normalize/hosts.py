"""Tells which server a client connects to, from the host in its configuration."""

from __future__ import annotations

import re
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.equality import is_text
from pgflexlint.lazily import compiled
from pgflexlint.normalize.index import references
from pgflexlint.normalize.reading import EQUALITY
from pgflexlint.resource import FLEXIBLE_SERVER
from pgflexlint.values import Known, Reference, Unknown, Value, holds

_DOMAIN = r"(?:private(?:link)?\.)?postgres\.database\.(?:azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)\.?"
_AZURE_HOST = compiled(rf"([^.]+)\.{_DOMAIN}", re.IGNORECASE)
"""A host name: the name of the server, and the domain
(https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private-link)."""
_DOMAINS = tuple(f".postgres.database.{cloud}" for cloud in ("azure.com", "usgovcloudapi.net", "chinacloudapi.cn"))
_HOST_END = compiled(r"\.[a-z]{2,}\.?$", re.IGNORECASE)
"""The end of a complete host name."""
_AZURE_END = compiled(rf"\.{_DOMAIN}$", re.IGNORECASE)

_SERVER = compiled(
    r"(?:^|\.)(?:azurerm_postgresql_(?:flexible_)?server|azapi_(?:update_)?resource|module)\.[^.\[]+(?:\[.*\])?$"
)
"""The address of a resource that may be a server."""
_FLEXIBLE_SERVER = compiled(r"(?:^|\.)azurerm_postgresql_flexible_server\.")
"""The address of a resource that certainly is one."""
_ARM_SERVER = compiled(rf"{re.escape(FLEXIBLE_SERVER)}/[^/]+", re.IGNORECASE)
"""The same in ARM: the type and the name."""
_ELSEWHERE = compiled(
    r"(?:^|\.)(?:(?:aws|google|alicloud|digitalocean|ibm|oci|scaleway|aiven|neon|supabase|docker|kubernetes|helm)_\w+"
    r"|azurerm_(?:mysql|mariadb|mssql|sql|redis|cosmosdb)_\w+)\."
    r"|^microsoft\.(?:sql|synapse|dbformysql|dbformariadb|cache|documentdb)/",
    re.IGNORECASE,
)
"""The address of a resource that is certainly no PostgreSQL server of Azure's."""
_NOT_AZURE = compiled(
    r"localhost|127\..*|::1|/.*|.*\.rds\.amazonaws\.com(?:\.cn)?|.*\.supabase\.co(?:m)?|.*\.neon\.tech", re.IGNORECASE
)
"""Hosts that are certainly no server of Azure's."""


def server_of(host: Value[Any], what: str) -> Value[Any]:
    """The server of a host: a reference to it, its name, or an unknown with the reason.

    `what` is the host in words, for the reason.
    """
    match host:
        case Known(str() as name) if found := _AZURE_HOST.fullmatch(name):
            return Known(found[1], host.span, host.trace)
    for address in references(host):
        if _SERVER.search(address) or _ARM_SERVER.fullmatch(address):
            known = host.reference is not None and host.reference.address == address
            reference = host.reference if known else Reference(address, "id")
            return replace(host, reference=reference) if isinstance(host, Unknown) else _referring(host, reference)
    match host:
        case Known():
            return Unknown(f"{what} is not the name that Azure gives a server", host.span, host.trace)
        case Unknown(parts=(*first, Known(str() as end) as last)) if first and (found := _AZURE_END.search(end)):
            rest = end[: found.start()]
            pieces: tuple[Any, ...] = (*first, replace(last, value=rest)) if rest else tuple(first)
            whole: Value[Any] = pieces[0] if len(pieces) == 1 else replace(host, parts=pieces)
            return replace(whole, reference=None)
    return replace(host, reference=None)


def _referring(host: Known[Any], reference: Reference | None) -> Value[Any]:
    return replace(host, reference=reference)


def is_azure(host: Value[Any]) -> Value[bool]:
    """Whether a host is a server of Azure's; unknown if nothing tells."""
    target = server_of(host, "the host")
    match host:
        case Unknown(parts=(*_, Known(str() as end))) if _AZURE_END.search(end):
            return Known(True, host.span, host.trace)
    referred = target.reference.address if target.reference is not None else ""
    certain = _FLEXIBLE_SERVER.search(referred) or _ARM_SERVER.fullmatch(referred)
    if certain or isinstance(target, Known):
        return Known(True, host.span, host.trace)
    return Unknown(target.reason, host.span, host.trace)


def is_elsewhere(host: Value[Any]) -> bool:
    """Whether a host is certainly no server of Azure's."""
    if host.reference is not None and _ELSEWHERE.search(host.reference.address):
        return True
    if isinstance(host, Unknown) and is_text(host):
        end = EQUALITY.known_ends(host)[1].lower().rstrip(".")
        if _HOST_END.search(end):
            return not any(domain.endswith(end) or end.endswith(domain) for domain in _DOMAINS)
    return holds(host, lambda name: bool(_NOT_AZURE.fullmatch(str(name)))) is True
