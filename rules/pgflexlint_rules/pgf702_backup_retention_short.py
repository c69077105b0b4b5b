"""PGF702: backups are kept for a short time."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Option, Rule, Verdicts
from pgflexlint.values import holds
from pgflexlint_rules._server import forbid_property
from pgflexlint_rules._words import spoken

LEAST, MOST = 7, 35
"""How many days backups can be kept, by the page that the rule refers to."""


def check(server: Server, *, days: int) -> Verdicts:
    """Flag fewer days than `days`, and a number that Azure refuses. The default is 7. A read replica has no backups."""
    kept = server.backup.retention_days
    refused = holds(kept, lambda count: LEAST <= count <= MOST) is False
    if not server.replica:
        yield from forbid_property(
            server,
            kept,
            lambda count: count < days or count > MOST,
            "refused" if refused else "short",
            server.label,
            spoken(kept),
            str(days),
        )


RULE = Rule(
    id="PGF702",
    slug="backup-retention-short",
    summary="Backups are kept for less than two weeks.",
    level=Level.NOTE,
    security_severity=2.5,
    messages={
        "short": "Backups of server '{0}' are kept for '{1}' days, less than the recommended '{2}'.",
        "refused": f"Backups of server '{{0}}' can't be kept for '{{1}}' days: Azure allows {LEAST} to {MOST}.",
    },
    why="If damage is found late, such as a wrong migration or an intruder's quiet changes, the last good backup is "
    "gone and nothing can be repaired. A holiday can last longer than the default of 7 days.",
    fix_terraform="Set `backup_retention_days` to 14 or more; the maximum is 35.",
    fix_template="Set `properties.backup.backupRetentionDays` to 14 or more; the maximum is 35.",
    limits="Does not see backups that are kept elsewhere, for example in a backup vault. Read replicas are exempt.",
    references=("https://learn.microsoft.com/azure/postgresql/backup-restore/concepts-backup-restore",),
    check=check,
    options=(Option("days", 14, "How many days backups must be kept at least.", least=LEAST, most=MOST),),
    controls=("MCSB BR-1 (by analogy)",),
)
