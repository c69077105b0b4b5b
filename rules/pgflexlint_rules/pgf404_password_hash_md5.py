"""PGF404: passwords are stored as MD5 hashes."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts, default_level
from pgflexlint_rules._server import forbid_parameter, passwords_count, provided

NAME = "password_encryption"


def is_md5(text: str | None) -> bool:
    """Whether new passwords are hashed with MD5."""
    return text is not None and text.strip().casefold() == "md5"


def check(server: Server) -> Verdicts:
    """Flag MD5, the default up to PostgreSQL 13, unless password authentication is off."""
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
    why="The MD5 hash that PostgreSQL stores is as good as the password: an attacker who finds it in the catalog, in a "
    "dump of the roles or in a backup can sign in with it. It is also fast to guess, and short passwords fall within "
    "hours.",
    fix_terraform='Add an `azurerm_postgresql_flexible_server_configuration` with `name = "password_encryption"` and '
    '`value = "scram-sha-256"`. Then set every password again, because stored hashes stay as they are.',
    fix_template="Set the child resource `configurations/password_encryption` to `properties: { value: "
    "'scram-sha-256', source: 'user-override' }`. Then set every password again, because stored hashes stay as they "
    "are.",
    limits="Does not see how existing passwords are stored. The finding is a warning, not an error, if MD5 is only the "
    "default, as it is up to PostgreSQL 13. Reports nothing if password authentication is off.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-connect-scram",),
    check=check,
    precision="very-high",
    cwe=(916, 328),
    controls=("MCSB IM-1 (by analogy)",),
)
