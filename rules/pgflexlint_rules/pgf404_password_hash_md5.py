"""PGF404: passwords are stored as MD5 hashes."""

from __future__ import annotations

from collections.abc import Iterator

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdict, default_level
from pgflexlint_rules._server import forbid_parameter, passwords_count, provided

NAME = "password_encryption"


def is_md5(text: str | None) -> bool:
    """Whether new passwords are hashed with MD5."""
    return text is not None and text.strip().casefold() == "md5"


def check(server: Server) -> Iterator[Verdict]:
    """Flag MD5, which is the default up to PostgreSQL 13; silent where nobody signs in with a password."""
    passwords = passwords_count(server)
    level = default_level(server.parameter(NAME), Level.ERROR, Level.WARNING)
    if level is Level.WARNING:
        yield from provided(passwords, forbid_parameter(server, NAME, is_md5, "default", server.label, level=level))
    else:
        yield from provided(passwords, forbid_parameter(server, NAME, is_md5, "written", server.label))


RULE = Rule(
    id="PGF404",
    slug="password-hash-md5",
    summary="Passwords are stored as MD5 hashes.",
    level=Level.ERROR,
    security_severity=7.0,
    messages={
        "written": "New passwords on server '{0}' are stored as MD5 hashes.",
        "default": "New passwords on server '{0}' are stored as MD5 hashes, which is the default of its version.",
    },
    why="The MD5 hash that PostgreSQL stores is as good as the password: whoever finds it in the catalog, a dump of "
    "the roles or a backup can sign in with it. It is also fast to guess, so that short passwords fall within hours.",
    fix_terraform='Add an `azurerm_postgresql_flexible_server_configuration` with `name = "password_encryption"` and '
    '`value = "scram-sha-256"`, then set every password again, since a stored hash stays as it is.',
    fix_template="Set the child resource `configurations/password_encryption` to `properties: { value: "
    "'scram-sha-256', source: 'user-override' }`, then set every password again, since a stored hash stays as it is.",
    limits="Does not see how passwords are stored that were set before. It is silent where password authentication is "
    "off, and a warning where MD5 is the default, up to PostgreSQL 13.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-connect-scram",),
    check=check,
    precision="very-high",
    cwe=(916, 328),
    controls=("MCSB IM-1 (by analogy)",),
)
