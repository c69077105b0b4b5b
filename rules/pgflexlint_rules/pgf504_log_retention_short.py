"""PGF504: server logs are kept for a few days only."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Option, Rule, Undecided, Verdicts, default_level
from pgflexlint.values import Unknown, decide, holds
from pgflexlint_rules._logs import logs_kept
from pgflexlint_rules._server import forbid_parameter
from pgflexlint_rules._words import is_on, spoken

NAME = "logfiles.retention_days"
SWITCH = "logfiles.download_enable"


def check(server: Server, *, days: int) -> Verdicts:
    """Flag fewer days, unless a diagnostic setting keeps the logs; the default of 3 only if log files are on."""

    def short(text: str | None) -> bool:
        return text is not None and text.strip().isdecimal() and int(text) < days

    value = server.parameter(NAME)
    defaulted = default_level(value, Level.WARNING, Level.NOTE) is Level.NOTE
    kept = logs_kept(server)
    if kept is True or holds(value, short) is False:
        return
    if defaulted:
        files_on = decide(server.parameter(SWITCH), is_on)
        if isinstance(files_on, Unknown) and server.declared:
            yield Undecided(files_on)
        if files_on is not True:
            return
    if isinstance(kept, Unknown):
        yield Undecided(kept)
    else:
        message = "default" if defaulted else "short"
        yield from forbid_parameter(server, NAME, short, message, server.label, spoken(value), str(days))


RULE = Rule(
    id="PGF504",
    slug="log-retention-short",
    summary="Server log files are kept for a few days only.",
    level=Level.NOTE,
    security_severity=3.0,
    messages={
        "short": "Log files of server '{0}' are kept for '{1}' days, less than the recommended '{2}'.",
        "default": "Log files of server '{0}' are kept for the default of '{1}' days, less than the recommended '{2}'.",
    },
    why="An intrusion is often noticed after a weekend, when log files of three days are gone. Nobody can then tell "
    "which account was used or what was read.",
    fix_terraform="Set `value` of `logfiles.retention_days` to 4 or more; the maximum is 7. To keep logs longer, add "
    "an `azurerm_monitor_diagnostic_setting` that sends them to a workspace or a storage account.",
    fix_template="Set the child resource `configurations/logfiles.retention_days` to `properties: { value: '7', "
    "source: 'user-override' }`, which is the maximum. To keep logs longer, add a diagnostic setting that sends them "
    "to a workspace or a storage account.",
    limits="Reports nothing if a diagnostic setting sends the server's log anywhere, however long it is kept there. "
    "Reports the default only if `logfiles.download_enable` is on.",
    references=("https://learn.microsoft.com/azure/postgresql/monitor/how-to-configure-and-access-logs",),
    check=check,
    options=(Option("days", 4, "How many days log files must be kept at least.", 1, 7),),
    cwe=(778,),
    policies=("f5ed3f7a-cf5d-4ee6-9ede-b5d5192ccf81",),
    controls=("CIS Azure Foundations 3.0.0 5.2.4", "CIS Azure Foundations 2.1.0 4.3.6", "MCSB LT-6 (by analogy)"),
    peers=("Checkov CKV_AZURE_146 (single server)", "Terrascan AC_AZURE_0410 (single server)"),
)
