"""PGF705: the PostgreSQL version is out of support, or soon will be."""

from datetime import date, timedelta

from pgflexlint.model import Server
from pgflexlint.rule import TODAY, Fail, Level, Option, Rule, Undecided, Verdicts
from pgflexlint.support import Support, support
from pgflexlint.values import Known, Unknown
from pgflexlint_rules._server import updated

NOTICE = timedelta(days=180)


def check(server: Server, *, as_of: date) -> Verdicts:
    """Flag a version whose support has ended or soon will; of several possible versions, the newest must be wrong."""
    version = server.version
    if not (server.declared or updated(server, version)):
        return
    possible = (version,) if isinstance(version, Known) else version.candidates
    rows = [row for each in possible if (row := support(each.value)) is not None]
    best = max(rows, key=lambda row: row.standard) if rows and len(rows) == len(possible) else None
    judgement = None if best is None else _judged(best, as_of)
    if judgement is not None:
        message, level = judgement
        versions, community, standard, _ = (
            " or ".join(dict.fromkeys(map(str, each))) for each in zip(*rows, strict=True)
        )
        yield Fail(version, message, (server.label, versions, community, standard), level)
    elif isinstance(version, Unknown) and (best is None or any(_judged(row, as_of) for row in rows)):
        yield Undecided(version)
    elif isinstance(version, Known) and not rows:
        reason = f"pgflexlint does not know how long PostgreSQL '{version.value}' is supported"
        yield Undecided(Unknown(reason, version.span, version.trace))


def _judged(row: Support, as_of: date) -> tuple[str, Level | None] | None:
    """The message and the level for a version on a day."""
    if as_of > row.standard:
        return "standard", None
    if as_of > row.community:
        return "community", Level.WARNING
    return ("soon", Level.NOTE) if as_of + NOTICE > row.community else None


RULE = Rule(
    id="PGF705",
    slug="postgres-version-unsupported",
    summary="The PostgreSQL version is out of support.",
    level=Level.ERROR,
    security_severity=7.0,
    messages={
        "standard": "Azure's standard support of PostgreSQL '{1}', which server '{0}' runs, ended on '{3}'.",
        "community": "PostgreSQL '{1}' of server '{0}' has had no fixes from its community since '{2}'. The end of "
        "Azure's standard support is '{3}'.",
        "soon": "PostgreSQL '{1}' of server '{0}' gets no fixes from its community after '{2}'.",
    },
    why="Vulnerabilities that are found after the end of support stay open, and their description is public. Extended "
    "support fixes the worst of them for a fee, and no new server can be created with the version.",
    fix_terraform='Set `version` to a supported major version, such as `"17"`. Try it on a restored copy first, '
    "because Terraform upgrades the server in place, with downtime and no way back.",
    fix_template="Set `properties.version` to a supported major version, such as `'17'`. Try it on a restored copy "
    "first, because the deployment upgrades an existing server in place, with downtime and no way back.",
    limits="The finding is a warning between the end of the community's support and the end of Azure's, and a note in "
    "the half year before the end of the community's. The dates come from a table in pgflexlint. Undecided for a "
    "version that is not written or not in the table.",
    references=(
        "https://learn.microsoft.com/azure/postgresql/configure-maintain/extended-support",
        "https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-version-policy",
    ),
    check=check,
    options=(Option("as_of", TODAY, "The day for which support is judged; `--as-of` overrides it."),),
    cwe=(1104,),
    controls=("MCSB PV-6 (by analogy)",),
)
