"""PGF807: the server allows extensions that reach beyond the database."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Option, Rule, Undecided, Verdicts
from pgflexlint.values import Known, Unknown, decide, holds
from pgflexlint_rules._server import forbid_parameter, written
from pgflexlint_rules._words import is_on, members

NAME = "azure.extensions"
STORAGE, STORAGE_ACCESS = "azure_storage", "azure_storage.public_account_access"


def check(server: Server, *, extensions: tuple[str, ...]) -> Verdicts:
    """Flag allowed extensions that are risky; `azure_storage` only with access to public accounts."""
    value = server.parameter(NAME)
    public = decide(server.parameter(STORAGE_ACCESS), is_on)
    risky = set(extensions) - ({STORAGE} if public is not True else set())
    possible = (value,) if isinstance(value, Known) else value.candidates
    found = sorted({name for each in possible for name in members(each.value) & risky})
    verdicts = list(
        forbid_parameter(
            server, NAME, lambda text: bool(members(text) & risky), "allowed", server.label, ", ".join(found)
        )
    )
    storage = STORAGE in extensions and holds(value, lambda text: STORAGE in members(text)) is not False
    if not verdicts and storage and isinstance(public, Unknown) and written(server, NAME):
        verdicts = [Undecided(public)]
    yield from verdicts


RULE = Rule(
    id="PGF807",
    slug="risky-extension-allowlisted",
    summary="The server allows extensions that reach beyond the database.",
    level=Level.WARNING,
    security_severity=5.0,
    messages={"allowed": "Extensions that reach beyond their database may be created on server '{0}': '{1}'."},
    why="With such an extension, an SQL injection can connect to other servers, upload tables or run code at every "
    "sign-in. The list of allowed extensions is the last place to stop that.",
    fix_terraform="Remove the extension from the `value` of `azure.extensions`. If an application needs it, ignore "
    "this finding there, with the reason.",
    fix_template="Remove the extension from `properties.value` of the child resource `azure.extensions`. If an "
    "application needs it, ignore this finding there, with the reason.",
    limits="Does not see who may create or use the extension. `azure_storage` counts only if "
    "`azure_storage.public_account_access` is on, which is the default on versions that have this parameter.",
    references=("https://learn.microsoft.com/azure/postgresql/extensions/how-to-allow-extensions",),
    check=check,
    options=(
        Option(
            "extensions",
            (
                "azure_storage",
                "dblink",
                "login_hook",
                "plperlu",
                "plpython3u",
                "pltclu",
                "plv8",
                "postgres_fdw",
            ),
            "The extensions that count as risky.",
        ),
    ),
    cwe=(829,),
    controls=("MCSB PA-7 (by analogy)",),
)
