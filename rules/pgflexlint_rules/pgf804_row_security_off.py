"""PGF804: row security is off."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint_rules._server import forbid_parameter
from pgflexlint_rules._words import is_off


def check(server: Server) -> Verdicts:
    """Flag a written off; the default is on."""
    yield from forbid_parameter(server, "row_security", is_off, "off", server.label, instead="on")


RULE = Rule(
    id="PGF804",
    slug="row-security-off",
    summary="Row security is switched off for the whole server.",
    level=Level.NOTE,
    security_severity=3.0,
    messages={"off": "Row security is off on server '{0}': a query that a policy would filter fails."},
    why="The setting is meant for a single dump that must be complete. For a whole server it breaks every query on a "
    "table with policies, and somebody may drop the policies to end the outage.",
    fix_terraform="Delete the `azurerm_postgresql_flexible_server_configuration` for `row_security`; destroying it "
    "resets the parameter to `on`.",
    fix_template="Set the child resource `configurations/row_security` to `properties: { value: 'on', source: "
    "'user-override' }`. Don't just remove it: the server keeps the old value.",
    limits="Does not see whether tables have policies, nor what a role or a session sets for itself.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-access-control",),
    check=check,
    cwe=(863,),
    controls=("MCSB PA-7 (by analogy)",),
)
