"""PGF806: the password of a role never expires."""

from pgflexlint.model import Role, Server
from pgflexlint.rule import Level, Rule, Undecided, Verdicts, forbid
from pgflexlint.values import Unknown, Value, decide
from pgflexlint_rules._database import NOT_IN_TEMPLATES, UNSEEN_SQL, called


def check(server: Server) -> Verdicts:
    """Flag login roles whose password has no end date; the default is `infinity`."""
    for role in (each for each in server.roles if not _is_date(each.valid_until)):
        signs_in = _signs_in(role)
        verdicts = forbid(role.valid_until, _is_endless, "endless", called(role.name, role), part=role)
        if signs_in is True:
            yield from verdicts
        elif isinstance(signs_in, Unknown) and any(True for _ in verdicts):
            yield Undecided(signs_in)


def _is_date(until: Value[str | None]) -> bool:
    """Whether an unknown end is certainly a date: it comes from another resource, such as `time_rotating`."""
    pieces = until.parts or (until,) if isinstance(until, Unknown) and not until.candidates else ()
    return any(piece.reference is not None for piece in pieces)


def _is_endless(until: str | None) -> bool:
    return (until or "").strip().lower() in ("", "infinity")


def _signs_in(role: Role) -> bool | Unknown:
    """Whether a role signs in with a password; a password whose value is unknown counts."""
    login, password = decide(role.login, bool), decide(role.password, bool)
    if isinstance(role.password, Unknown) and not role.password.candidates:
        password = True
    if login is False or password is False:
        return False
    return next((answer for answer in (login, password) if isinstance(answer, Unknown)), True)


RULE = Rule(
    id="PGF806",
    slug="role-without-expiry",
    summary="The password of a role never expires.",
    level=Level.NOTE,
    security_severity=3.0,
    messages={"endless": "The password of role '{0}' never expires."},
    why="A password that leaked years ago still opens the database, and nobody has a reason to change it. With an end "
    "date, its rotation is part of the deployment, and a forgotten account closes by itself.",
    fix_terraform="Set `valid_until` to a date, preferably one that a `time_rotating` resource moves on together with "
    "the password. Or let the role sign in with Entra ID and without a password.",
    fix_template="Set the end date with SQL, because Azure's resource types do not reach inside the database: `ALTER "
    "ROLE … VALID UNTIL '…'`.",
    limits=f"{UNSEEN_SQL} Accepts any end date, however far away. Does not judge a role without `login` or without a "
    "password.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-access-control",),
    check=check,
    default=False,
    cwe=(262,),
    controls=("MCSB IM-8 (by analogy)",),
    not_in=NOT_IN_TEMPLATES,
)
