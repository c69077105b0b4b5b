"""PGF705: the PostgreSQL version is out of support, or soon will be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from pgflexlint.model import Server
from pgflexlint.rule import TODAY, Fail, Level, Option, Rule, Undecided, Verdict
from pgflexlint.support import Support, support
from pgflexlint.values import Known, Unknown
from pgflexlint_rules._server import updated

NOTICE = timedelta(days=180)


def check(server: Server, *, as_of: date) -> Iterator[Verdict]:
    """Flag versions by what support they still have on a day; of several possible ones the one that has the most."""
    version = server.version
    if not (server.declared or updated(server, version)):
        return
    possible = (version,) if isinstance(version, Known) else version.candidates
    rows = [support(each.value) for each in possible]
    fails = [fail for row in rows if row is not None and (fail := _fail(server, row, as_of)) is not None]
    if rows and len(fails) == len(rows):
        yield max(fails, key=lambda fail: fail.arguments[2])
    elif isinstance(version, Unknown) and (fails or not rows or None in rows):
        yield Undecided(version)
    elif isinstance(version, Known) and None in rows:
        reason = f"pgflexlint does not know how long PostgreSQL '{version.value}' is supported"
        yield Undecided(Unknown(reason, version.span, version.trace))


def _fail(server: Server, row: Support, as_of: date) -> Fail | None:
    ends = (server.label, row.version, str(row.standard), str(row.community))
    if as_of > row.standard:
        return Fail(server.version, "standard", ends)
    if as_of > row.community:
        return Fail(server.version, "community", ends, Level.WARNING)
    return Fail(server.version, "soon", ends, Level.NOTE) if as_of + NOTICE > row.community else None


RULE = Rule(
    id="PGF705",
    slug="postgres-version-unsupported",
    summary="The PostgreSQL version is out of support.",
    level=Level.ERROR,
    security_severity=7.0,
    messages={
        "standard": "Azure's standard support of PostgreSQL '{1}', which server '{0}' runs, ended on '{2}'.",
        "community": "PostgreSQL '{1}' of server '{0}' has had no fixes from its community since '{3}'. Azure's "
        "standard support ends on '{2}'.",
        "soon": "PostgreSQL '{1}' of server '{0}' gets no fixes from its community after '{3}'.",
    },
    why="Holes that are found from then on stay open, and their description is public. Extended support mends the "
    "worst of them for a fee, and no new server can be created with the version.",
    fix_terraform='Set `version` to a supported major version such as `"17"`. Terraform upgrades the server in place: '
    "it is down meanwhile and there is no way back, so try it on a restored copy first.",
    fix_template="Set `properties.version` to a supported major version such as `'17'`; for an existing server the "
    "deployment is then a major version upgrade in place, with downtime and no way back, so try it on a restored copy.",
    limits="A warning between the end of the community's support and that of Azure's, a note in the half year before. "
    "The dates are those in its table; a version that is not written or not in it is undecided.",
    references=(
        "https://learn.microsoft.com/azure/postgresql/configure-maintain/extended-support",
        "https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-version-policy",
    ),
    check=check,
    options=(Option("as_of", TODAY, "The day for which support is judged; `--as-of` counts for more."),),
    cwe=(1104,),
    controls=("MCSB PV-6 (by analogy)",),
)
