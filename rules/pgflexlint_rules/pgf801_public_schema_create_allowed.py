"""PGF801: every role may create objects in a schema."""

from pgflexlint.model import Database, Grant, Server
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdicts, forbid
from pgflexlint.values import Unknown, decide, first_unknown, holds
from pgflexlint_rules._database import (
    IN_SQL,
    NOT_IN_TEMPLATES,
    UNSEEN_SQL,
    called,
    decides_public_schema,
    older_than,
    some,
)
from pgflexlint_rules._words import spoken


def check(server: Server) -> Verdicts:
    """Flag schemas in which everybody may create objects, also by the default of PostgreSQL 14 and older."""
    for grant in server.grants:
        yield from _granted(grant)
    for policy in server.schema_policies:
        public = decide(policy.role, lambda role: role == "public")
        if public is True:
            yield from forbid(policy.create, bool, "policy", called(policy.schema, policy), part=policy)
        elif isinstance(public, Unknown) and holds(policy.create, bool) is not False:
            yield Undecided(public)
    if server.providers or server.providers.gaps or server.grants:
        for database in server.databases:
            yield from _left(server, database)


def _granted(grant: Grant) -> Verdicts:
    """Whether a grant on a schema lets everybody create."""
    create = some(grant.privileges, lambda privilege: privilege in ("CREATE", "ALL"))
    asked = (holds(grant.object_type, lambda kind: kind == "schema"), holds(grant.role, lambda role: role == "public"))
    if create is False or False in asked:
        return
    doubt = next(filter(None, map(first_unknown, (grant.object_type, grant.role, grant.privileges))), None)
    if create is None or None in asked:
        yield from [] if doubt is None else [Undecided(doubt)]
    elif grant.by_default:
        yield Fail(grant.privileges, "by_default", (called(grant.database, grant),), part=grant)
    else:
        arguments = (called(grant.schema, grant), called(grant.database, grant))
        yield Fail(grant.privileges, "granted", arguments, part=grant)


def _left(server: Server, database: Database) -> Verdicts:
    """Whether nothing revokes what PostgreSQL 14 and older give to everybody."""
    doubts = list(server.grants.gaps)
    for grant in server.grants:
        match decides_public_schema(grant, database):
            case True if grant.maybe is None:
                return
            case True:
                doubts += [grant.maybe] if grant.maybe else []
            case Unknown() as doubt:
                doubts.append(doubt)
    old = older_than(server, 15)
    if old is None and isinstance(server.version, Unknown):
        doubts.insert(0, server.version)
    if old is not False and doubts:
        yield Undecided(doubts[0])
    elif old:
        arguments = (called(database.name, database), spoken(server.version))
        yield Fail(database.header, "left", arguments, Level.NOTE, database)


RULE = Rule(
    id="PGF801",
    slug="public-schema-create-allowed",
    summary="Every role may create objects in a schema.",
    level=Level.WARNING,
    security_severity=5.5,
    messages={
        "granted": "Every role may create objects in schema '{0}' of database '{1}'.",
        "by_default": "Every role may create objects in each new schema of database '{0}'.",
        "policy": "Every role may create objects in schema '{0}'. A policy without 'role' is for 'PUBLIC'.",
        "left": "Every role may create objects in schema 'public' of database '{0}', the default of PostgreSQL '{1}'.",
    },
    why="If others search a schema, a role that may create in it can plant a function or table under a name that they "
    "use, and they run or read it with their own privileges (CVE-2018-1058). PostgreSQL 15 took this right away from "
    "everybody; in older versions it stays until somebody revokes it.",
    fix_terraform='Add a `postgresql_grant` for the database with `role = "public"`, `object_type = "schema"`, `schema '
    '= "public"` and `privileges = ["USAGE"]`, which revokes all else. Grant CREATE to single roles.',
    fix_template=IN_SQL % "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    limits=f"{UNSEEN_SQL} Does not judge a database if no `postgresql` provider leads to its server. Does not see that "
    "a server that was upgraded from PostgreSQL 14 keeps the old privileges.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-access-control",),
    check=check,
    precision="medium",
    cwe=(732,),
    controls=("MCSB PA-7 (by analogy)",),
    not_in=NOT_IN_TEMPLATES,
)
