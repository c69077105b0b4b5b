"""PGF402: Entra authentication is on without an Entra administrator."""

from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdicts
from pgflexlint.values import Known, Origin, Unknown, decide
from pgflexlint_rules._server import elsewhere, inherited


def check(server: Server) -> Verdicts:
    """Flag a server with Entra authentication for which the checked files declare no administrator."""
    entra, administrators = server.authentication.entra, server.administrators
    if not server.declared or administrators.certain:
        return
    absent = inherited(server, Known(None, server.header, origin=Origin.DEFAULT))
    doubts = [*administrators.doubts, *filter(None, (elsewhere(server, "an administrator"), absent))]
    enabled = decide(entra, bool)
    if isinstance(enabled, Unknown):
        yield Undecided(enabled)
    elif enabled and doubts:
        yield Undecided(doubts[0])
    elif enabled:
        yield Fail(server.header, "missing", (server.label,))


RULE = Rule(
    id="PGF402",
    slug="entra-admin-missing",
    summary="Microsoft Entra authentication is on without an Entra administrator.",
    level=Level.WARNING,
    security_severity=4.5,
    messages={
        "missing": "No Microsoft Entra administrator is declared for server '{0}', although Entra sign-in is on."
    },
    why="Only an Entra administrator can admit Entra users, so without one everybody keeps using the shared password. "
    "The setting then looks like central sign-in, but it is not.",
    fix_terraform="Add an `azurerm_postgresql_flexible_server_active_directory_administrator` whose `server_name` is "
    'the server\'s `name`, preferably with `principal_type = "Group"`.',
    fix_template="Add an `administrators` child resource and name it with the object id of a group. Set "
    "`principalType: 'Group'`, `principalName` and `tenantId`.",
    limits="Does not see an administrator that another deployment adds. Undecided in a module that no checked file "
    "calls, because its caller may add one. Entra authentication that is off is PGF401.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-entra-concepts",),
    check=check,
    precision="medium",
    cwe=(287,),
    policies=("ce39a96d-bf09-4b60-8c32-e85d52abea0f",),
    controls=("MCSB IM-1 (by analogy with the single server)",),
    peers=("PSRule AZR-000389",),
)
