"""PGF403: the server accepts passwords."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint.values import holds
from pgflexlint_rules._server import forbid_property, inherited


def check(server: Server) -> Verdicts:
    """Flag password authentication that is on, also by default; a note if Entra authentication is or may be on."""
    authentication = server.authentication
    alone = holds(authentication.entra, bool) is False and inherited(server, authentication.entra) is None
    message, level = ("only", None) if alone else ("mixed", Level.NOTE)
    yield from forbid_property(server, authentication.password, bool, message, server.label, level=level)


RULE = Rule(
    id="PGF403",
    slug="password-auth-enabled",
    summary="The server accepts passwords.",
    level=Level.WARNING,
    security_severity=5.0,
    messages={
        "only": "Passwords are the only way to sign in to server '{0}'.",
        "mixed": "Password sign-in is still on for server '{0}'.",
    },
    why="Passwords are shared, copied into configuration and tried by strangers, and they work from anywhere, without "
    "a second factor. Microsoft Entra tokens expire by themselves and belong to one identity.",
    fix_terraform="Set `password_auth_enabled = false` in the `authentication` block, once clients use Entra tokens "
    "or managed identities.",
    fix_template="Set `properties.authConfig.passwordAuth` to `'Disabled'`, once clients use Entra tokens or managed "
    "identities.",
    limits="The finding is a note if Entra authentication is on too, or may be. Undecided for a read replica and for a "
    "server that is created from another one, because either may take the setting from its source.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-entra-concepts",),
    check=check,
    precision="very-high",
    cwe=(308,),
    policies=("fa498b91-8a7e-4710-9578-da944c68d1fe",),
    controls=("MCSB IM-1",),
    peers=("PSRule AZR-000390",),
)
