"""PGF401: nobody can sign in with a Microsoft Entra identity."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint_rules._server import forbid_property


def check(server: Server) -> Verdicts:
    """Flag Entra authentication that is off; off is the default."""
    yield from forbid_property(server, server.authentication.entra, lambda on: not on, "off", server.label)


RULE = Rule(
    id="PGF401",
    slug="entra-auth-disabled",
    summary="Microsoft Entra authentication is off.",
    level=Level.WARNING,
    security_severity=5.5,
    messages={"off": "Microsoft Entra authentication is off on server '{0}'."},
    why="Without Entra everybody signs in with a password of the database: no second factor, no conditional access, "
    "no central sign-in log. Somebody who leaves keeps access until each server's password is changed.",
    fix_terraform="Set `active_directory_auth_enabled = true` and `tenant_id` in the `authentication` block, and add "
    "an `azurerm_postgresql_flexible_server_active_directory_administrator`.",
    fix_template="Set `properties.authConfig` to `activeDirectoryAuth: 'Enabled'`, `passwordAuth: 'Disabled'` and "
    "`tenantId` (in Bicep and ARM JSON `tenant().tenantId`), and add an `administrators` child resource.",
    limits="Undecided for a read replica and for a server that is created from another one, because either may take "
    "the setting from its source.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-entra-concepts",),
    check=check,
    precision="very-high",
    cwe=(287,),
    policies=("ce39a96d-bf09-4b60-8c32-e85d52abea0f",),
    controls=("MCSB IM-1 (by analogy with the single server)",),
    peers=("PSRule AZR-000389",),
)
