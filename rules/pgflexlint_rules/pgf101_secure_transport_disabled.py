"""PGF101: clients may connect without TLS."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint_rules._server import forbid_parameter
from pgflexlint_rules._words import is_off


def check(server: Server) -> Verdicts:
    """Flag an explicit off; Azure's own default is on."""
    yield from forbid_parameter(server, "require_secure_transport", is_off, "off", server.label, instead="on")


RULE = Rule(
    id="PGF101",
    slug="secure-transport-disabled",
    summary="The server accepts connections that are not encrypted.",
    level=Level.ERROR,
    security_severity=8.2,
    messages={"off": "Unencrypted connections are accepted by server '{0}'."},
    why="Whoever sits between a client and the server reads queries, results and the password exchange, or changes "
    "them on the way. A client that is set up wrongly connects in clear text without anybody noticing.",
    fix_terraform="Delete the `azurerm_postgresql_flexible_server_configuration` for `require_secure_transport` "
    '(destroying it resets the parameter to `on`), or set `value = "on"`.',
    fix_template="Set the child resource `configurations/require_secure_transport` to `properties: { value: 'on', "
    "source: 'user-override' }`. Don't just remove it: the server keeps the old value.",
    limits="Does not see changes that were made on the server outside the code.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-tls",),
    check=check,
    precision="very-high",
    cwe=(319,),
    policies=("c29c38cb-74a7-4505-9a06-e588ab86620a", "a8f89ff4-3d6e-4d7b-8c5a-2e9b1f4c8d3a"),
    controls=(
        "CIS Azure Foundations 3.0.0 5.2.1",
        "CIS Azure Foundations 2.1.0 4.3.1",
        "MCSB DP-3 (by analogy with the single server)",
    ),
    peers=(
        "Trivy AZU-0020",
        "Checkov CKV_AZURE_29 (single server)",
        "PSRule AZR-000147 (single server)",
        "Terrascan AC_AZURE_0408 (single server)",
    ),
)
