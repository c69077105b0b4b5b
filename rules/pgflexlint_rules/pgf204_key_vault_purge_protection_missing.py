"""PGF204: the vault that holds the server's key can be purged."""

from pgflexlint.model import KeyVault, Server
from pgflexlint.rule import Level, Rule, Undecided, Verdicts, forbid
from pgflexlint.values import Unknown


def check(server: Server) -> Verdicts:
    """Flag a declared vault that holds a key of the server and has no purge protection, which is off by default."""
    if not server.declared:
        return
    for key in (server.encryption.key, server.encryption.geo_key):
        match key.vault:
            case Unknown() as doubt:
                yield Undecided(doubt)
            case KeyVault() as vault:
                yield from forbid(vault.purge_protection, lambda on: not on, "off", vault.label, part=vault)


RULE = Rule(
    id="PGF204",
    slug="key-vault-purge-protection-missing",
    summary="The key vault that holds the server's key has no purge protection.",
    level=Level.WARNING,
    security_severity=5.0,
    messages={"off": "Purge protection is off for key vault '{0}', which holds the key of a PostgreSQL server."},
    why="Anybody who may purge the vault can destroy the key for good, and with it the server, its replicas and all "
    "its backups. With purge protection nobody can remove a deleted key before the retention period ends.",
    fix_terraform="Set `purge_protection_enabled = true` on the `azurerm_key_vault`. It cannot be switched off again.",
    fix_template="Set `properties.enablePurgeProtection` to `true` on the vault. It cannot be switched off again. "
    "Without the property, an existing vault stays as it is.",
    limits="Judges only vaults that the same deployment declares. Does not judge a vault that is only referenced, nor "
    "a managed HSM.",
    references=(
        "https://learn.microsoft.com/azure/postgresql/security/security-data-encryption",
        "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview",
    ),
    check=check,
)
