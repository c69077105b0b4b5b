"""PGF701: backups stay in one region."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint_rules._server import forbid_property


def check(server: Server) -> Verdicts:
    """Flag geo-redundant backup that is off, by default too; a read replica has no backups."""
    if not server.replica:
        yield from forbid_property(server, server.backup.geo_redundant, lambda on: not on, "off", server.label)


RULE = Rule(
    id="PGF701",
    slug="geo-redundant-backup-disabled",
    summary="Backups are not copied to another region.",
    level=Level.WARNING,
    security_severity=4.0,
    messages={
        "off": "Backups of server '{0}' stay in one region. The setting can only be chosen when the server is created."
    },
    why="When the region fails, its backups fail with it, and the data cannot be restored elsewhere. The setting can "
    "only be chosen at creation, so it is too late on the day it is missed.",
    fix_terraform="Set `geo_redundant_backup_enabled = true`. Terraform re-creates the server for it, so back the data "
    "up first, or restore into a new server.",
    fix_template="Set `properties.backup.geoRedundantBackup` to `'Enabled'` on a new server and move the data: the "
    "setting of an existing server cannot change.",
    limits="Does not know which regions have no pair, nor which storage types (Premium SSD v2) do not support it. Read "
    "replicas are exempt.",
    references=("https://learn.microsoft.com/azure/postgresql/backup-restore/concepts-backup-restore",),
    check=check,
    policies=("cee2f9fd-3968-44be-a863-bd62c9884423",),
    controls=("MCSB BR-1 (by analogy with the single server)", "MCSB BR-2 (by analogy with the single server)"),
    peers=("Checkov CKV_AZURE_136", "PSRule AZR-000326", "Terrascan AC_AZURE_0407 (single server)"),
)
