"""PGF203: the server sticks to one version of its key."""

from __future__ import annotations

from collections.abc import Iterator

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdict, forbid


def check(server: Server) -> Iterator[Verdict]:
    """Flag ids of keys that name a version, that of the geo-redundant backup's key too."""
    if server.declared:
        yield from forbid(server.encryption.key.versioned, bool, "key", server.label)
        if server.encryption.geo_key.used is not False:
            yield from forbid(server.encryption.geo_key.versioned, bool, "geo", server.label)


RULE = Rule(
    id="PGF203",
    slug="customer-managed-key-versioned",
    summary="The customer-managed key is tied to one version.",
    level=Level.NOTE,
    security_severity=2.5,
    messages={
        "key": "Only one version of its key serves server '{0}', so a rotation of the key does not reach it.",
        "geo": "Only one version of its key serves the geo-redundant backup of server '{0}'.",
    },
    why="After a rotation the server goes on with the old version until somebody edits the configuration, and it is "
    "inaccessible once that version expires or is disabled. An id without a version lets Azure take the new one.",
    fix_terraform="Use `versionless_id` of `azurerm_key_vault_key` (azurerm 4.32 or newer; 4.39 for the key of the "
    "geo-redundant backup), or leave out the last part of the id.",
    fix_template="Use `keyUri` of the key instead of `keyUriWithVersion`, or leave out the last part of the URI.",
    limits="Does not know whether the key is ever rotated. The id of a key that is handed in is known only where its "
    "value is.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-data-encryption",),
    check=check,
    default=False,
)
