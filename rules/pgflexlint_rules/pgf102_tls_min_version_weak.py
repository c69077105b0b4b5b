"""PGF102: the server accepts TLS versions older than 1.2."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint_rules._server import forbid_parameter
from pgflexlint_rules._words import spoken, tls_version

NAME = "ssl_min_protocol_version"


def is_weak(text: str | None) -> bool:
    """Whether a text names a TLS version older than 1.2. A text that names none is PGF902."""
    version = tls_version(text)
    return version is not None and version < 12


def check(server: Server) -> Verdicts:
    """Flag a written version below 1.2; the default is 1.2. PostgreSQL 11 has no such parameter."""
    arguments = (server.label, spoken(server.parameter(NAME)))
    yield from forbid_parameter(server, NAME, is_weak, "weak", *arguments, instead="TLSv1.2")


RULE = Rule(
    id="PGF102",
    slug="tls-min-version-weak",
    summary="The server accepts TLS versions older than 1.2.",
    level=Level.ERROR,
    security_severity=7.4,
    messages={"weak": "TLS older than 1.2 is accepted by server '{0}', whose minimum is '{1}'."},
    why="TLS 1.0 and 1.1 have known attacks, and RFC 8996 retired them. A client that is downgraded to one of them "
    "exposes passwords and query results to an attacker in between.",
    fix_terraform='Set `value = "TLSv1.2"` or `"TLSv1.3"` for `ssl_min_protocol_version`, or delete the '
    "`azurerm_postgresql_flexible_server_configuration` (destroying it resets the parameter to `TLSv1.2`).",
    fix_template="Set the child resource `configurations/ssl_min_protocol_version` to `properties: { value: "
    "'TLSv1.2', source: 'user-override' }` or to `TLSv1.3`. Don't just remove it: the server keeps the old value.",
    limits="A value that names no TLS version is PGF902. Azure refuses old versions today, so a finding means that the "
    "deployment will fail, or that the server was set up earlier.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-tls",),
    check=check,
    precision="very-high",
    cwe=(326,),
    policies=("a43d5475-c569-45ce-a268-28fa79f4e87a",),
    controls=("MCSB DP-3",),
    peers=("Trivy AZU-0026", "Checkov CKV_AZURE_147 (single server)", "PSRule AZR-000148 (single server)"),
)
