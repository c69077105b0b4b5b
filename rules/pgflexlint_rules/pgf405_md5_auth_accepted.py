"""PGF405: sign-ins with MD5 are accepted."""

from __future__ import annotations

from collections.abc import Iterator

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdict, default_level
from pgflexlint.values import holds
from pgflexlint_rules._server import forbid_parameter
from pgflexlint_rules._words import members
from pgflexlint_rules.pgf404_password_hash_md5 import NAME as HASH
from pgflexlint_rules.pgf404_password_hash_md5 import is_md5

NAME = "azure.accepted_password_auth_method"


def check(server: Server) -> Iterator[Verdict]:
    """Flag a set with MD5 in it, which every default has; silent where nobody signs in with a password."""
    passwords = holds(server.authentication.password, bool)
    if passwords is False:
        return
    one_cause = passwords is None or holds(server.parameter(HASH), is_md5)
    message = default_level(server.parameter(NAME), Level.WARNING, Level.NOTE)
    level = Level.NOTE if message is Level.NOTE and one_cause else Level.WARNING
    yield from forbid_parameter(
        server,
        NAME,
        lambda text: "md5" in members(text),
        "written" if message is Level.WARNING else "default",
        server.label,
        level=level,
    )


RULE = Rule(
    id="PGF405",
    slug="md5-auth-accepted",
    summary="Sign-ins with MD5 are accepted.",
    level=Level.WARNING,
    security_severity=4.5,
    messages={
        "written": "Sign-ins with MD5 are accepted by server '{0}'.",
        "default": "Sign-ins with MD5 are accepted by server '{0}', which is the default.",
    },
    why="What a client sends in an MD5 exchange can be computed from the stored hash, so a stolen hash signs in "
    "without the password. As long as MD5 is accepted, one forgotten role keeps that door open.",
    fix_terraform="Add an `azurerm_postgresql_flexible_server_configuration` with `name = "
    '"azure.accepted_password_auth_method"` and `value = "scram-sha-256"`, after every password was set again with '
    "`password_encryption` at `scram-sha-256`.",
    fix_template="Set the child resource `configurations/azure.accepted_password_auth_method` to `properties: { value: "
    "'scram-sha-256', source: 'user-override' }`, after every password was set again with `password_encryption` at "
    "`scram-sha-256`.",
    limits="It is a note where nothing is written and MD5 hashes are found as well (PGF404). Silent where password "
    "authentication is off.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-connect-scram",),
    check=check,
    cwe=(328,),
    controls=("MCSB IM-1 (by analogy)",),
)
