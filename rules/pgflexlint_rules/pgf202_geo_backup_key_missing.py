"""PGF202: the geo-redundant backup lacks a key of its own."""

from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdicts
from pgflexlint.values import Unknown, Value, holds


def check(server: Server) -> Verdicts:
    """Flag geo-redundant backup beside a customer-managed key, unless the backup has its own key and identity."""
    encryption, backup = server.encryption, server.backup.geo_redundant
    if not server.declared or server.replica:
        return  # a replica has no backups
    used, geo, readable = encryption.key.used, holds(backup, bool), encryption.geo_key.readable
    if used is False or geo is False or readable:
        return
    unsure: list[tuple[bool | None, Value[object]]] = [(used, encryption.key.id), (geo, backup)]
    unsure += [(readable, encryption.geo_key.id), (readable, encryption.geo_key.identity)]
    doubt = next((value for answer, value in unsure if answer is None and isinstance(value, Unknown)), None)
    if isinstance(doubt, Unknown):
        yield Undecided(doubt)
    else:
        message = "key" if encryption.geo_key.used is False else "identity"
        yield Fail(encryption.at or server.header, message, (server.label,))


RULE = Rule(
    id="PGF202",
    slug="geo-backup-key-missing",
    summary="The geo-redundant backup of a server with a customer-managed key has no key of its own.",
    level=Level.WARNING,
    security_severity=4.5,
    messages={
        "key": "No key encrypts the geo-redundant backup of server '{0}', which has a customer-managed key.",
        "identity": "No identity reads the key of the geo-redundant backup of server '{0}'.",
    },
    why="The backup lies in another region, where the server's own key cannot be used, so without a second key and "
    "identity Azure refuses the server or keeps no backup there. Nobody notices until the first region is lost.",
    fix_terraform="Create a key vault and an identity in the paired region. Set `geo_backup_key_vault_key_id` and "
    "`geo_backup_user_assigned_identity_id` in the `customer_managed_key` block, and list the identity under "
    "`identity_ids`. Terraform re-creates the server for it.",
    fix_template="Create a key vault and an identity in the paired region. Set `geoBackupKeyURI` and "
    "`geoBackupUserAssignedIdentityId` in `properties.dataEncryption` when the server is created, or create it without "
    "geo-redundant backup.",
    limits="Does not check whether the second vault and identity are in the paired region. The Azure Verified Module "
    "for Bicep has no parameter for the second key: with a customer-managed key, switch its geo-redundant backup off.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-data-encryption",),
    check=check,
)
