"""PGF414: the only Entra administrator is a single person."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Undecided, Verdicts, forbid
from pgflexlint_rules._server import elsewhere


def check(server: Server) -> Verdicts:
    """Flag the administrator of a server if there is only one, and it is a user."""
    if not server.declared or len(server.administrators) != 1:
        return
    (administrator,) = server.administrators
    verdicts = list(
        forbid(
            administrator.principal_type,
            lambda kind: str(kind).lower() == "user",
            "user",
            server.label,
            part=administrator,
        )
    )
    doubts = list(server.administrators.gaps)
    unseen = elsewhere(server, "another administrator")
    doubts += [unseen] if unseen is not None else []
    if verdicts and doubts:
        yield Undecided(doubts[0])
    else:
        yield from verdicts


RULE = Rule(
    id="PGF414",
    slug="entra-admin-is-user",
    summary="The only Microsoft Entra administrator is a single user.",
    level=Level.NOTE,
    security_severity=2.5,
    messages={"user": "The only Microsoft Entra administrator of server '{0}' is a single user."},
    why="When that person leaves or is locked out, nobody can administer the server with Entra sign-in any more. The "
    "members of a group can change without a change of the server, and somebody can review them.",
    fix_terraform='Set `principal_type = "Group"` with the `object_id` of a group of administrators.',
    fix_template="Name the `administrators` resource with the object id of a group and set `principalType: 'Group'`.",
    limits="Does not report several users. Does not see an administrator that another deployment adds.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-entra-concepts",),
    check=check,
    default=False,
    cwe=(654,),
    controls=("MCSB PA-1 (by analogy)",),
)
