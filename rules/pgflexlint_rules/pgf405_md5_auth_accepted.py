"""PGF405: the server accepts sign-ins with MD5."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts, default_level
from pgflexlint.values import holds
from pgflexlint_rules._server import forbid_parameter, passwords_count, provided
from pgflexlint_rules._words import members
from pgflexlint_rules.pgf404_password_hash_md5 import NAME as HASH
from pgflexlint_rules.pgf404_password_hash_md5 import is_md5

NAME = "azure.accepted_password_auth_method"


def check(server: Server) -> Verdicts:
    """Flag accepted methods with MD5 among them, also by default, unless password authentication is off."""
    passwords = passwords_count(server)
    if default_level(server.parameter(NAME), Level.WARNING, Level.NOTE) is Level.WARNING:
        yield from provided(passwords, forbid_parameter(server, NAME, _has_md5, "written", server.label))
    else:
        level = None if holds(server.parameter(HASH), is_md5) is False else Level.NOTE
        yield from provided(passwords, forbid_parameter(server, NAME, _has_md5, "default", server.label, level=level))


def _has_md5(text: str | None) -> bool:
    return "md5" in members(text)


RULE = Rule(
    id="PGF405",
    slug="md5-auth-accepted",
    summary="The server accepts sign-ins with MD5.",
    level=Level.WARNING,
    security_severity=4.5,
    messages={
        "written": "Sign-ins with MD5 are accepted by server '{0}'.",
        "default": "Sign-ins with MD5 are accepted by server '{0}', which is the default of its version.",
    },
    why="A client computes its answer in an MD5 exchange from the hash, so a stolen hash is enough to sign in without "
    "the password. As long as the server accepts MD5, one forgotten role keeps that door open.",
    fix_terraform="First set every password again with `password_encryption` at `scram-sha-256`. Then add an "
    '`azurerm_postgresql_flexible_server_configuration` with `name = "azure.accepted_password_auth_method"` and `value '
    '= "scram-sha-256"`.',
    fix_template="First set every password again with `password_encryption` at `scram-sha-256`. Then set the child "
    "resource `configurations/azure.accepted_password_auth_method` to `properties: { value: 'scram-sha-256', source: "
    "'user-override' }`.",
    limits="If the parameter is not set, the finding is a note where new passwords are, or may be, stored as MD5 "
    "hashes too (PGF404). Reports nothing if password authentication is off.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-connect-scram",),
    check=check,
    cwe=(328,),
    controls=("MCSB IM-1 (by analogy)",),
)
