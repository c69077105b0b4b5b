"""PGF502: the ends of sessions are not logged."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint_rules._server import forbid_parameter
from pgflexlint_rules._words import is_off


def check(server: Server) -> Verdicts:
    """Flag an explicit off; Azure's own default is on."""
    yield from forbid_parameter(server, "log_disconnections", is_off, "off", server.label, instead="on")


RULE = Rule(
    id="PGF502",
    slug="log-disconnections-disabled",
    summary="The ends of sessions are not logged.",
    level=Level.WARNING,
    security_severity=4.0,
    messages={"off": "The ends of sessions on server '{0}' are not logged."},
    why="If the log says when a session began but not when it ended, nobody can tell how long an intruder was inside. "
    "Sessions that were cut off, a sign of a crash or an attack, go unseen as well.",
    fix_terraform="Delete the `azurerm_postgresql_flexible_server_configuration` for `log_disconnections` (destroying "
    'it resets the parameter to `on`), or set `value = "on"`.',
    fix_template="Set the child resource `configurations/log_disconnections` to `properties: { value: 'on', source: "
    "'user-override' }`. Don't just remove it: the server keeps the old value.",
    limits="Does not check where the logs go: that is PGF509.",
    references=("https://learn.microsoft.com/azure/postgresql/monitor/concepts-logging",),
    check=check,
    precision="very-high",
    cwe=(778,),
    policies=("1d14b021-1bae-4f93-b36b-69695e14984a", "a8f89ff4-3d6e-4d7b-8c5a-2e9b1f4c8d3a"),
    controls=("CIS Azure Foundations 2.1.0 4.3.4", "MCSB LT-3 (by analogy)"),
    peers=("Terrascan AC_AZURE_0412 (single server)",),
)
