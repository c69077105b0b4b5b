"""PGF802: privileges are granted to every role, or more widely than needed."""

from pgflexlint.model import Grant, Server
from pgflexlint.rule import Fail, Level, Option, Rule, Undecided, Verdicts, forbid
from pgflexlint.values import first_unknown, holds
from pgflexlint_rules._database import IN_SQL, NOT_IN_TEMPLATES, UNSEEN_SQL, called, listed, some


def check(server: Server, *, allowed_privileges: tuple[str, ...]) -> Verdicts:
    """Flag grants to everybody, grants that may be passed on, and all privileges for a login role."""
    for grant in server.grants:
        yield from _everybody(grant, allowed_privileges)
        name = called(grant.role, grant)
        if some(grant.privileges, bool) is not False:  # an empty list revokes, and leaves nothing to pass on
            yield from forbid(grant.grant_option, bool, "passed_on", name, grant.label, part=grant)
        if _of_role(grant, server):
            everything = some(grant.privileges, lambda privilege: privilege == "ALL")
            wide = holds(grant.object_type, lambda kind: kind in ("database", "schema", "table"))
            if everything and wide:
                arguments = (name, called(grant.object_type, grant), called(grant.database, grant))
                yield Fail(grant.privileges, "all", arguments, Level.NOTE, grant)
    for policy in server.schema_policies:
        name, schema = called(policy.role, policy), called(policy.schema, policy)
        yield from forbid(policy.grant_option, bool, "policy", name, schema, part=policy)


def _everybody(grant: Grant, allowed: tuple[str, ...]) -> Verdicts:
    """Whether a grant gives privileges to everybody; on schemas that is PGF801."""
    fine = {privilege.upper() for privilege in allowed}
    if holds(grant.object_type, lambda kind: kind == "type"):
        fine.add("USAGE")
    public = holds(grant.role, lambda role: role == "public")
    given = some(grant.privileges, lambda privilege: privilege not in fine)
    if public is False or given is False or holds(grant.object_type, lambda kind: kind == "schema"):
        return
    if public and given:
        arguments = (called(grant.database, grant), listed(grant.privileges), called(grant.object_type, grant))
        whole = holds(grant.object_type, lambda kind: kind == "database")
        message = "by_default" if grant.by_default else "database" if whole else "public"
        yield Fail(grant.role, message, arguments, part=grant)
    elif (doubt := first_unknown(grant.role) or first_unknown(grant.privileges)) is not None:
        yield Undecided(doubt)


def _of_role(grant: Grant, server: Server) -> bool:
    """Whether a grant is for a login role that is declared here."""
    names = [role.name for role in server.roles if holds(role.login, bool)]
    return any(holds(name, lambda known: holds(grant.role, lambda role: role == known) is True) for name in names)


RULE = Rule(
    id="PGF802",
    slug="grant-to-public",
    summary="Privileges are granted to every role, or more widely than needed.",
    level=Level.WARNING,
    security_severity=6.5,
    messages={
        "public": "Every role that can connect to database '{0}' is given '{1}' on objects of type '{2}'.",
        "database": "Every role of the server is given '{1}' on database '{0}'.",
        "by_default": "Every role that can connect to database '{0}' is given '{1}' on each new object of type '{2}'.",
        "passed_on": "Role '{0}' may pass on what grant '{1}' gives it.",
        "policy": "Role '{0}' may pass on what it may do in schema '{1}'.",
        "all": "Login role '{0}' is given all privileges on objects of type '{1}' in database '{2}'.",
    },
    why="PUBLIC means every role that exists and every role to come, so one stolen login of any application can read "
    "or change what was granted. A privilege that may be passed on spreads, and the code does not show it.",
    fix_terraform="Set `role` to the one role that needs the privileges, list them one by one, and remove "
    "`with_grant_option`. To revoke what everybody has, set an empty list of `privileges` for `public`.",
    fix_template=IN_SQL % "REVOKE ALL ON ALL TABLES IN SCHEMA … FROM PUBLIC",
    limits=f"{UNSEEN_SQL} Does not report USAGE on types. CREATE on schemas is PGF801. Reports ALL only for login "
    "roles that the checked files declare, so not for an Entra principal.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-access-control",),
    check=check,
    options=(Option("allowed_privileges", (), "Privileges that every role may have, such as `CONNECT`."),),
    cwe=(732,),
    controls=("MCSB PA-7 (by analogy)",),
    not_in=NOT_IN_TEMPLATES,
)
