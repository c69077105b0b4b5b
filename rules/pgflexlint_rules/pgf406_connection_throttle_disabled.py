"""PGF406: failed sign-ins are not slowed down."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts, default_level
from pgflexlint_rules._server import forbid_parameter
from pgflexlint_rules._words import is_off

NAME = "connection_throttle.enable"


def check(server: Server) -> Verdicts:
    """Flag throttling that is off; off is the default. PostgreSQL 18 has no such parameter."""
    level = default_level(server.parameter(NAME), Level.WARNING, Level.NOTE)
    message = "off" if level is Level.WARNING else "default"
    yield from forbid_parameter(server, NAME, is_off, message, server.label, level=level, instead="on")


RULE = Rule(
    id="PGF406",
    slug="connection-throttle-disabled",
    summary="Failed sign-ins are not throttled.",
    level=Level.WARNING,
    security_severity=4.0,
    messages={
        "off": "Failed sign-ins to server '{0}' are not throttled. Azure deprecated its own policy for this setting, "
        "because PostgreSQL 18 no longer has it.",
        "default": "Failed sign-ins to server '{0}' are not throttled, which is the default. Azure deprecated its own "
        "policy for this setting, because PostgreSQL 18 no longer has it.",
    },
    why="Without throttling one address can try passwords as fast as the server answers. Each attempt also costs a "
    "backend process, so guessing slows down everybody else.",
    fix_terraform="Add an `azurerm_postgresql_flexible_server_configuration` with `name = "
    '"connection_throttle.enable"` and `value = "on"` (PostgreSQL 17 and older). Watch the brute-force alerts of '
    "Microsoft Defender.",
    fix_template="Add a child resource `configurations/connection_throttle.enable` with `properties: { value: 'on', "
    "source: 'user-override' }` (PostgreSQL 17 and older). Watch the brute-force alerts of Microsoft Defender.",
    limits="Does not apply to PostgreSQL 18, which has no such parameter. The finding is a note if the parameter is "
    "not set.",
    references=("https://learn.microsoft.com/azure/postgresql/server-parameters/concepts-server-parameters",),
    check=check,
    cwe=(307,),
    policies=("dacf07fa-0eea-4486-80bc-b93fae88ac40", "a8f89ff4-3d6e-4d7b-8c5a-2e9b1f4c8d3a"),
    controls=(
        "CIS Azure Foundations 3.0.0 5.2.3",
        "CIS Azure Foundations 2.1.0 4.3.5",
        "MCSB IM-1 (by analogy)",
    ),
    peers=("Trivy AZU-0021", "Checkov CKV_AZURE_32 (single server)", "Terrascan AC_AZURE_0414 (single server)"),
)
