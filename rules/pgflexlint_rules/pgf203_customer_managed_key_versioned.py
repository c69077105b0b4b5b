"""PGF203: the customer-managed key is tied to one version."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts, forbid


def check(server: Server) -> Verdicts:
    """Flag the ids of the server's key and of its backup's key if they name a version."""
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
        "key": "The key of server '{0}' is tied to one version, so the server does not follow a rotation of the key.",
        "geo": "The key of the geo-redundant backup of server '{0}' is tied to one version.",
    },
    why="After a rotation the server keeps using the old version until somebody edits the configuration, and it "
    "becomes inaccessible once that version expires or is disabled. If the id has no version, Azure takes the new one "
    "by itself.",
    fix_terraform="Use `versionless_id` of `azurerm_key_vault_key` (azurerm 4.32 or newer; 4.39 for the key of the "
    "geo-redundant backup), or remove the version, which is the last part of the id.",
    fix_template="Use `keyUri` of the key instead of `keyUriWithVersion`, or remove the version, which is the last "
    "part of the URI.",
    limits="Does not check whether the key is ever rotated. An id that comes from an input is judged only if its value "
    "is known.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-data-encryption",),
    check=check,
    default=False,
)
