"""PGF706: the server has no custom maintenance window."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint_rules._server import forbid_property


def check(server: Server) -> Verdicts:
    """Flag a server without a custom maintenance window, which is the default."""
    yield from forbid_property(server, server.maintenance_window, lambda own: not own, "missing", server.label)


RULE = Rule(
    id="PGF706",
    slug="maintenance-window-missing",
    summary="The server has no custom maintenance window.",
    level=Level.NOTE,
    security_severity=1.0,
    messages={"missing": "Azure chooses when server '{0}' is patched and restarted."},
    why="A system-managed window may fall into the busiest hours, and the restart of the server cuts all connections. "
    "A custom window lies in a quiet hour, and test servers can be patched before production.",
    fix_terraform="Add a `maintenance_window` block with `day_of_week`, `start_hour` and `start_minute`, in UTC. "
    "Without the block Terraform goes back to the system-managed window.",
    fix_template="Set `properties.maintenanceWindow` with `customWindow: 'Enabled'`, `dayOfWeek`, `startHour` and "
    "`startMinute`, in UTC. Without the property, an existing server keeps its window.",
    limits="Does not check whether the hour is a quiet one. Undecided for a read replica and for a server that is "
    "created from another one, because either may take the setting from its source.",
    references=("https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-maintenance",),
    check=check,
    default=False,
    peers=("PSRule AZR-000433",),
)
