"""PGF103: the server's maximum TLS version is below 1.3."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint.values import Known, holds
from pgflexlint_rules._server import forbid_parameter
from pgflexlint_rules._words import spoken, tls_version

NAME = "ssl_max_protocol_version"


def check(server: Server) -> Verdicts:
    """Flag a maximum below 1.3. It is an error if TLS 1.2 is off too, or if the maximum is below the minimum."""
    maximum, minimum = server.parameter(NAME), server.parameter("ssl_min_protocol_version")
    floor = (tls_version(minimum.value) if isinstance(minimum, Known) else None) or 0

    def below(text: str | None, version: int) -> bool:
        ceiling = tls_version(text)
        return ceiling is not None and ceiling < version

    if holds(maximum, lambda text: below(text, 12)):
        message, level = "weak", Level.ERROR
    elif holds(maximum, lambda text: below(text, floor)):
        message, level = "inverted", Level.ERROR
    else:
        message, level = "capped", Level.WARNING
    arguments = (server.label, spoken(maximum), spoken(minimum))
    yield from forbid_parameter(
        server, NAME, lambda text: below(text, 13), message, *arguments, level=level, instead="TLSv1.3"
    )


RULE = Rule(
    id="PGF103",
    slug="tls-max-version-capped",
    summary="The server's maximum TLS version is below 1.3.",
    level=Level.WARNING,
    security_severity=4.0,
    messages={
        "capped": "TLS 1.3 is switched off on server '{0}' by a maximum of '{1}'.",
        "weak": "TLS 1.2 and newer are switched off on server '{0}' by a maximum of '{1}'.",
        "inverted": "No client can connect to server '{0}': its TLS maximum '{1}' is below its minimum '{2}'.",
    },
    why="A maximum keeps every connection on an older protocol until somebody remembers to remove it. A maximum below "
    "the minimum refuses every client.",
    fix_terraform="Delete the `azurerm_postgresql_flexible_server_configuration` for `ssl_max_protocol_version`; "
    "destroying it resets the parameter to no cap.",
    fix_template="Set the child resource `configurations/ssl_max_protocol_version` to the default, `properties: { "
    "value: '', source: 'user-override' }`. Don't just remove it: the server keeps the old value.",
    limits="A value that names no TLS version is PGF902. The finding is an error if TLS 1.2 is off too, or if the "
    "maximum is below the minimum.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-tls",),
    check=check,
    precision="very-high",
    cwe=(757,),
    controls=("MCSB DP-3 (by analogy)",),
)
