"""PGF805: a role can do what only an administrator should."""

from pgflexlint.model import Part, Role, RoleGrant, Server
from pgflexlint.rule import Level, Rule, Verdicts, forbid
from pgflexlint.values import Known, Value
from pgflexlint_rules._database import IN_SQL, NOT_IN_TEMPLATES, UNSEEN_SQL, called, older_than
from pgflexlint_rules._words import spoken

ATTRIBUTES = ("SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION")
POWERFUL = frozenset({
    "azure_pg_admin", "azuresu", "azure_superuser", "pg_read_server_files", "pg_write_server_files",
    "pg_execute_server_program", "pg_write_all_data", "pg_read_all_data",
})  # fmt: skip
"""Roles that come with the server and reach all of it."""
REFUSED = frozenset({"azuresu", "azure_superuser", "pg_write_all_data"})
"""The roles that Azure gives to nobody (https://learn.microsoft.com/azure/postgresql/security/security-access-control)."""


def check(server: Server) -> Verdicts:
    """Flag attributes for administrators, membership in powerful roles, and membership that may be passed on."""
    old = older_than(server, 16)
    for role in server.roles:
        yield from _attributes(role, old)
        members = role.member_of.value if isinstance(role.member_of, Known) else (role.member_of,)
        for member in members:
            yield from _member(member, called(role.name, role), role)
    for grant in server.role_grants:
        yield from _granted(grant)


def _attributes(role: Role, old: bool | None) -> Verdicts:
    for word, value in role.privileges:
        if word in ATTRIBUTES:
            any_role = word == "CREATEROLE" and old
            message = "any_role" if any_role else word.lower()
            level = Level.ERROR if any_role else None
            yield from forbid(value, bool, message, called(role.name, role), level=level, part=role)


def _member(granted: Value[str], role: str, part: Part) -> Verdicts:
    refused = spoken(granted) in REFUSED
    message = "refused" if refused else "member"
    yield from forbid(granted, lambda name: name in POWERFUL, message, role, spoken(granted), part=part)


def _granted(grant: RoleGrant) -> Verdicts:
    role, granted = called(grant.role, grant), called(grant.granted, grant)
    yield from _member(grant.granted, role, grant)
    yield from forbid(grant.admin_option, bool, "passed_on", role, granted, part=grant)


RULE = Rule(
    id="PGF805",
    slug="role-over-privileged",
    summary="A role can do what only an administrator should.",
    level=Level.WARNING,
    security_severity=7.0,
    messages={
        "superuser": "Role '{0}' is to be a superuser. Azure allows nobody to be one, so the deployment will fail. "
        "Grant the privileges that the role needs one by one.",
        "any_role": "Role '{0}' may create roles, and before PostgreSQL 16 make itself a member of any.",
        "createrole": "Role '{0}' may create roles.",
        "createdb": "Role '{0}' may create databases.",
        "replication": "Role '{0}' may replicate, and so read all that is written to the server.",
        "member": "Role '{0}' is a member of '{1}', which reaches the whole server.",
        "refused": "Role '{0}' is to be a member of '{1}', which Azure gives to nobody, so the deployment will fail.",
        "passed_on": "Role '{0}' may make others members of '{1}'.",
    },
    why="The password of an application's role lies in its configuration, its logs and its memory, and an attacker who "
    "finds it can do whatever the role may do. If the role can create roles or pass on membership, the attacker makes "
    "another role and stays in after the first is discovered.",
    fix_terraform="Remove the attribute, the entry in `roles` or the `postgresql_grant_role`. Give the role what it "
    "needs with `postgresql_grant`, and keep administration with an Entra group.",
    fix_template=IN_SQL % "ALTER ROLE … NOCREATEROLE NOCREATEDB NOREPLICATION",
    limits=f"{UNSEEN_SQL} CREATEROLE is an error on PostgreSQL 15 and older, where such a role can reach every role. A "
    "role for logical replication needs REPLICATION: allow it there. BYPASSRLS is PGF803.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-access-control",),
    check=check,
    cwe=(269,),
    controls=("MCSB PA-7 (by analogy)",),
    not_in=NOT_IN_TEMPLATES,
)
