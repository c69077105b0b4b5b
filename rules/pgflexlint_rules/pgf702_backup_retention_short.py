"""PGF702: backups are kept for a short time."""

from __future__ import annotations

from collections.abc import Iterator

from pgflexlint.model import Server
from pgflexlint.rule import Level, Option, Rule, Verdict
from pgflexlint_rules._server import forbid_property
from pgflexlint_rules._words import spoken


def check(server: Server, *, days: int) -> Iterator[Verdict]:
    """Flag fewer days than asked for; Azure's default is a week. A read replica has no backups."""
    kept = server.backup.retention_days
    if not server.replica:
        yield from forbid_property(
            server, kept, lambda count: count < days, "short", server.label, spoken(kept), str(days)
        )


RULE = Rule(
    id="PGF702",
    slug="backup-retention-short",
    summary="Backups are kept for less than two weeks.",
    level=Level.NOTE,
    security_severity=2.5,
    messages={"short": "Backups of server '{0}' are kept for '{1}' days, less than the recommended '{2}'."},
    why="Damage that is found late, a wrong migration or an intruder's quiet changes, is past repair once the last "
    "good backup is gone. The default of 7 days does not outlast a holiday.",
    fix_terraform="Set `backup_retention_days` to 14 or more; the most is 35.",
    fix_template="Set `properties.backup.backupRetentionDays` to 14 or more; the most is 35.",
    limits="Does not see backups that are kept elsewhere, such as in a backup vault. Read replicas are exempt.",
    references=("https://learn.microsoft.com/azure/postgresql/backup-restore/concepts-backup-restore",),
    check=check,
    options=(Option("days", 14, "How many days backups have to be kept.", least=7, most=35),),
    controls=("MCSB BR-1 (by analogy)",),
)
