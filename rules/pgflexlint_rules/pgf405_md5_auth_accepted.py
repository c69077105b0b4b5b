"""PGF405: sign-ins with MD5 are accepted."""

from __future__ import annotations

from collections.abc import Iterator

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdict, default_level
from pgflexlint.values import holds
from pgflexlint_rules._server import forbid_parameter, passwords_count, provided
from pgflexlint_rules._words import members
from pgflexlint_rules.pgf404_password_hash_md5 import NAME as HASH
from pgflexlint_rules.pgf404_password_hash_md5 import is_md5

NAME = "azure.accepted_password_auth_method"


def check(server: Server) -> Iterator[Verdict]:
    """Flag a set with MD5 in it, by default too; silent where nobody signs in with a password."""
    passwords = passwords_count(server)
    if holds(passwords, bool) is False:
        return
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
    summary="Sign-ins with MD5 are accepted.",
    level=Level.WARNING,
    security_severity=4.5,
    messages={
        "written": "Sign-ins with MD5 are accepted by server '{0}'.",
        "default": "Sign-ins with MD5 are accepted by server '{0}', which is the default of its version.",
    },
    why="What a client sends in an MD5 exchange can be computed from the stored hash, so a stolen hash signs in "
    "without the password. As long as MD5 is accepted, one forgotten role keeps that door open.",
    fix_terraform="Add an `azurerm_postgresql_flexible_server_configuration` with `name = "
    '"azure.accepted_password_auth_method"` and `value = "scram-sha-256"`, after every password was set again with '
    "`password_encryption` at `scram-sha-256`.",
    fix_template="Set the child resource `configurations/azure.accepted_password_auth_method` to `properties: { value: "
    "'scram-sha-256', source: 'user-override' }`, after every password was set again with `password_encryption` at "
    "`scram-sha-256`.",
    limits="Where nothing is written, it is a note where MD5 hashes are or may be found as well (PGF404). Silent where "
    "password authentication is off.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-connect-scram",),
    check=check,
    cwe=(328,),
    controls=("MCSB IM-1 (by analogy)",),
)
