"""PGF509: the server's log is sent nowhere."""

from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Related, Rule, Undecided, Verdicts
from pgflexlint.values import Unknown
from pgflexlint_rules._logs import logs_kept
from pgflexlint_rules._server import elsewhere


def check(server: Server) -> Verdicts:
    """Flag a server for which the checked files declare no diagnostic setting that sends its log."""
    if not server.declared:
        return
    kept, settings = logs_kept(server), server.diagnostic_settings
    if isinstance(kept, Unknown):
        yield Undecided(kept)
    elif not kept and (unseen := elsewhere(server, "a diagnostic setting")) is not None:
        yield Undecided(unseen)
    elif not kept and settings:
        first, *others = settings
        related = tuple(Related(other.header, "This one does not either.") for other in others)
        yield Fail(first.header, "useless", (server.label,), part=first, related=related)
    elif not kept:
        yield Fail(server.header, "missing", (server.label,))


RULE = Rule(
    id="PGF509",
    slug="diagnostic-settings-missing",
    summary="The server's log is sent nowhere.",
    level=Level.WARNING,
    security_severity=5.0,
    messages={
        "missing": "No diagnostic setting keeps the log of server '{0}'.",
        "useless": "The log of server '{0}' is not sent anywhere by this diagnostic setting.",
    },
    why="If nobody keeps the log, every trace of an intruder is lost with it. Alerts and investigations need the log "
    "in a place that the server's administrator cannot empty.",
    fix_terraform="Add an `azurerm_monitor_diagnostic_setting` on the server with a workspace, a storage account or an "
    'event hub and `enabled_log { category = "PostgreSQLLogs" }`, or `category_group = "allLogs"`.',
    fix_template="Add a `Microsoft.Insights/diagnosticSettings` resource with the server as its scope, a `workspaceId` "
    "and `logs: [ { categoryGroup: 'allLogs', enabled: true } ]`.",
    limits="Does not see a diagnostic setting that a policy or another deployment adds. Undecided in a module that no "
    "checked file calls, and for a server that is only updated (create mode `Update`). Does not check how long the "
    "logs are kept.",
    references=("https://learn.microsoft.com/azure/postgresql/monitor/how-to-configure-and-access-logs",),
    check=check,
    cwe=(778,),
    policies=("78ed47da-513e-41e9-a088-e829b373281d", "cdd1dbc6-0004-4fcd-afd7-b67550de37ff"),
    controls=("MCSB LT-3 (by analogy)", "MCSB LT-5 (by analogy)"),
)
