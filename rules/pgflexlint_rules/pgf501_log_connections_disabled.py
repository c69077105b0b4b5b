"""PGF501: connections are not logged."""

from pgflexlint.model import Server
from pgflexlint.parameters import facts
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint.values import holds
from pgflexlint_rules._server import forbid_parameter
from pgflexlint_rules._words import is_off, members

NAME = "log_connections"


def check(server: Server) -> Verdicts:
    """Flag a written off; the default is on. On PostgreSQL 18 the parameter is a set, and an empty set means off."""
    is_set = holds(server.version, lambda version: (row := facts(NAME, version)) is not None and row.type == "set")

    def logs_nothing(text: str | None) -> bool:
        return all(is_off(member) for member in members(text)) if is_set else is_off(text)

    yield from forbid_parameter(server, NAME, logs_nothing, "off", server.label, instead="on")


RULE = Rule(
    id="PGF501",
    slug="log-connections-disabled",
    summary="Connections are not logged.",
    level=Level.WARNING,
    security_severity=4.3,
    messages={"off": "Connections to server '{0}' are not logged."},
    why="Without a record of who connected from where, an intrusion leaves no trace and password guessing goes "
    "unseen. An investigation then cannot tell which account was used or when it began.",
    fix_terraform="Delete the `azurerm_postgresql_flexible_server_configuration` for `log_connections` (destroying it "
    'resets the parameter to `on`), or set `value = "on"`.',
    fix_template="Set the child resource `configurations/log_connections` to `properties: { value: 'on', source: "
    "'user-override' }`. Don't just remove it: the server keeps the old value.",
    limits="Does not check where the logs go: that is PGF509. On PostgreSQL 18 the parameter is a set, and any member "
    "other than `off` passes, although the Azure policy does not accept that.",
    references=("https://learn.microsoft.com/azure/postgresql/monitor/concepts-logging",),
    check=check,
    precision="very-high",
    cwe=(778,),
    policies=("086709ac-11b5-478d-a893-9567a16d2ae3", "a8f89ff4-3d6e-4d7b-8c5a-2e9b1f4c8d3a"),
    controls=("CIS Azure Foundations 2.1.0 4.3.3", "MCSB LT-3 (by analogy)"),
    peers=("Trivy AZU-0019", "Checkov CKV_AZURE_31 (single server)", "Terrascan AC_AZURE_0413 (single server)"),
)
