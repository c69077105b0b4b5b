"""PGF803: a role bypasses row-level security."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts, forbid
from pgflexlint_rules._database import IN_SQL, NOT_IN_TEMPLATES, UNSEEN_SQL, called, older_than


def check(server: Server) -> Verdicts:
    """Flag every role with BYPASSRLS."""
    message = "refused" if older_than(server, 16) else "bypasses"
    for role in server.roles:
        bypasses = dict(role.privileges)["BYPASSRLS"]
        yield from forbid(bypasses, bool, message, called(role.name, role), part=role)


RULE = Rule(
    id="PGF803",
    slug="role-bypasses-rls",
    summary="A role bypasses row-level security.",
    level=Level.WARNING,
    security_severity=6.0,
    messages={
        "bypasses": "Role '{0}' bypasses every row-level security policy.",
        "refused": "Role '{0}' bypasses every row-level security policy. Before PostgreSQL '16' no administrator of "
        "Azure's can create such a role, so the deployment will fail.",
    },
    why="Row-level security keeps the tenants of a shared table apart, but this role reads and changes the rows of all "
    "of them. Its queries look like any other, so nothing shows that the policies did not apply.",
    fix_terraform="Remove `bypass_row_level_security`. Add a policy for the role to the tables that it must see as a "
    "whole.",
    fix_template=IN_SQL % "ALTER ROLE … NOBYPASSRLS",
    limits=f"{UNSEEN_SQL} Superusers bypass policies too, and so do owners of tables, unless a table forces its "
    "policies. Does not check whether tables have policies at all.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-access-control",),
    check=check,
    precision="very-high",
    cwe=(863,),
    controls=("MCSB PA-7 (by analogy)",),
    not_in=NOT_IN_TEMPLATES,
)
