"""PGF505: pgaudit is not switched on, or only in part."""

from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Related, Rule, Undecided, Verdicts
from pgflexlint_rules._pgaudit import ALLOWED, CLASSES, LINKS, LOADED, missing
from pgflexlint_rules._server import written

MESSAGES = {
    (LOADED, ALLOWED, CLASSES): "nothing",
    (LOADED, ALLOWED): "unloaded_disallowed",
    (LOADED, CLASSES): "unloaded_unset",
    (ALLOWED, CLASSES): "disallowed_unset",
    (LOADED,): "unloaded",
    (ALLOWED,): "disallowed",
    (CLASSES,): "unset",
}


def check(server: Server) -> Verdicts:
    """Flag a missing setting: the library must be loaded, the extension allowed, and classes chosen."""
    absent, doubts = missing(server)
    if absent:
        related = [
            Related(part.value.span, f"'{name}' is set here.") for name in LINKS for part in written(server, name)
        ]
        yield Fail(server.header, MESSAGES[tuple(absent)], (server.label,), related=tuple(related))
    elif doubts:
        yield Undecided(doubts[0])


RULE = Rule(
    id="PGF505",
    slug="pgaudit-not-enabled",
    summary="Statements are not audited: pgaudit is not switched on, or only in part.",
    level=Level.WARNING,
    security_severity=5.0,
    messages={
        "nothing": "Statements on server '{0}' are not audited: pgaudit is not switched on.",
        "unloaded_disallowed": "Statements on server '{0}' are not audited: pgaudit is neither loaded nor allowed.",
        "unloaded_unset": "Statements on server '{0}' are not audited: pgaudit is not loaded and has no classes.",
        "disallowed_unset": "Statements on server '{0}' are not audited: pgaudit is not allowed and has no classes.",
        "unloaded": "Statements on server '{0}' are not audited: pgaudit is not in its shared_preload_libraries.",
        "disallowed": "Statements on server '{0}' are not audited: pgaudit is not in its azure.extensions.",
        "unset": "Statements on server '{0}' are not audited: its pgaudit.log names no class of statements.",
    },
    why="Without an audit log nobody can tell who read a table, granted a right or dropped a role. If one of the three "
    "settings that pgaudit needs is missing, it looks like an audit but logs nothing.",
    fix_terraform="Add three `azurerm_postgresql_flexible_server_configuration`: `shared_preload_libraries` and "
    "`azure.extensions`, each with `pgaudit` appended to its present value, and `pgaudit.log` with the classes, such "
    'as `"role,ddl,misc"`. Restart the server for the first one. Then create the extension in each database.',
    fix_template="Add three child resources: `configurations/shared_preload_libraries` and "
    "`configurations/azure.extensions`, each with `pgaudit` appended to its present value, and "
    "`configurations/pgaudit.log` with `properties: { value: 'role,ddl,misc', source: 'user-override' }`. Restart the "
    "server for the first one. Then create the extension in each database.",
    limits="Does not check whether the extension was created in the databases. The Azure policies accept a server with "
    "one of the three settings, and the policy that configures servers overwrites the whole list of libraries.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-audit",),
    check=check,
    cwe=(778,),
    policies=("4eb5e667-e871-4292-9c5d-8bbb94e0c908", "dd626066-39f5-4f72-aba8-06a99fabf278"),
    controls=("MCSB LT-3 (by analogy)",),
)
