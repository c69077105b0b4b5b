"""PGF503: checkpoints are not logged."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint_rules._server import forbid_parameter
from pgflexlint_rules._words import is_off


def check(server: Server) -> Verdicts:
    """Flag an explicit off; Azure's own default is on."""
    yield from forbid_parameter(server, "log_checkpoints", is_off, "off", server.label, instead="on")


RULE = Rule(
    id="PGF503",
    slug="log-checkpoints-disabled",
    summary="Checkpoints are not logged.",
    level=Level.WARNING,
    security_severity=4.0,
    messages={"off": "Checkpoints on server '{0}' are not logged."},
    why="The checkpoint log shows what the storage was busy with when the server slowed down or crashed. Without it "
    "an outage is guesswork, and a flood of writes by an attacker looks like any other load.",
    fix_terraform="Delete the `azurerm_postgresql_flexible_server_configuration` for `log_checkpoints` (destroying it "
    'resets the parameter to `on`), or set `value = "on"`.',
    fix_template="Set the child resource `configurations/log_checkpoints` to `properties: { value: 'on', source: "
    "'user-override' }`. Don't just remove it: the server keeps the old value.",
    limits="Does not check where the logs go: that is PGF509.",
    references=("https://learn.microsoft.com/azure/postgresql/monitor/concepts-logging",),
    check=check,
    precision="very-high",
    cwe=(778,),
    policies=("70be9e12-c935-49ac-9bd8-fd64b85c1f87", "a8f89ff4-3d6e-4d7b-8c5a-2e9b1f4c8d3a"),
    controls=(
        "CIS Azure Foundations 3.0.0 5.2.2",
        "CIS Azure Foundations 2.1.0 4.3.2",
        "MCSB LT-3 (by analogy)",
    ),
    peers=("Trivy AZU-0024", "Checkov CKV_AZURE_30 (single server)", "Terrascan AC_AZURE_0409 (single server)"),
)
