"""PGF412: an application signs in as the server's administrator."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts, forbid
from pgflexlint_rules._connections import as_received, once


def check(server: Server) -> Verdicts:
    """Flag each connection of an application to the server whose user is the administrator."""
    yield from once(_judged(server), as_received)


def _judged(server: Server) -> Verdicts:
    for connection in server.connections:
        names = (connection.label, server.label)
        yield from forbid(connection.as_administrator, bool, "administrator", *names, part=connection)


RULE = Rule(
    id="PGF412",
    slug="admin-login-used-by-application",
    summary="An application connects with the administrator's login.",
    level=Level.WARNING,
    security_severity=6.5,
    messages={"administrator": "Connection '{0}' of an application uses the administrator login of server '{1}'."},
    why="An attacker who takes over the application, for example by SQL injection, has every database and every role "
    "of the server. With a role of its own, the application reaches no more than its own tables.",
    fix_terraform="Create a `postgresql_role` with the privileges that the application needs, or a role for its "
    "managed identity. Use that role in the application's settings.",
    fix_template="Create a role with the privileges that the application needs, preferably for its managed identity. "
    "Use that role in the application's settings.",
    limits="Looks only at settings that name the host and the user together. Does not see members of an "
    "object with unknown names, nor what a loop of unknown length makes. Undecided if the application's user and "
    "the administrator login are known only at deployment, under different names. Terraform's `postgresql` provider "
    "may use the administrator, because it sets the server up.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-access-control",),
    check=check,
    precision="medium",
    cwe=(250,),
    controls=("MCSB PA-7 (by analogy)",),
)
