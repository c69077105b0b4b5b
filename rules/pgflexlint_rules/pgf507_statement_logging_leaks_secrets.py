"""PGF507: passwords and data get into the server's log, or audit records to clients."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Option, Rule, Undecided, Verdicts
from pgflexlint.values import Unknown, decide, holds
from pgflexlint_rules._server import forbid_parameter, written
from pgflexlint_rules._words import is_on, spoken

STATEMENTS, DURATIONS, LENGTH = "log_statement", "log_min_duration_statement", "log_parameter_max_length"


def check(server: Server, *, accepted: tuple[str, ...]) -> Verdicts:
    """Flag written values that log passwords or data, or send audit records to clients; every default is safe."""
    statements = server.parameter(STATEMENTS)
    yield from forbid_parameter(
        server,
        STATEMENTS,
        lambda text: (text or "").casefold() in {"ddl", "mod", "all"} - set(accepted),
        "statements",
        server.label,
        spoken(statements),
    )
    yield from forbid_parameter(server, "pgaudit.log_client", is_on, "client", server.label, instead="off")
    yield from forbid_parameter(server, "pgaudit.log_parameter", is_on, "parameters", server.label, instead="off")
    if holds(statements, lambda text: (text or "").casefold() == "all"):
        return  # which logs what is passed with every statement
    for verdict in forbid_parameter(server, DURATIONS, _logs_durations, "durations", server.label, level=Level.NOTE):
        hidden = decide(server.parameter(LENGTH), lambda text: text == "0")
        if isinstance(hidden, Unknown) and (server.parameters.gaps or written(server, LENGTH)):
            yield Undecided(hidden)
        elif hidden is not True:
            yield verdict


def _logs_durations(text: str | None) -> bool:
    return text is not None and text.strip().isdecimal()


RULE = Rule(
    id="PGF507",
    slug="statement-logging-leaks-secrets",
    summary="Passwords or data from statements get into the server's log.",
    level=Level.WARNING,
    security_severity=5.0,
    messages={
        "statements": "Passwords in CREATE and ALTER ROLE are logged in clear on server '{0}' by log_statement '{1}'.",
        "client": "Audit records of server '{0}' are sent to the client as well.",
        "parameters": "The data that is passed with statements gets into the audit log of server '{0}'.",
        "durations": "The data that is passed with slow statements gets into the log of server '{0}'.",
    },
    why="More people read a log than the database, and it is kept in more places. A password or a patient's name in "
    "the log has left every protection that the table has.",
    fix_terraform="Delete the `azurerm_postgresql_flexible_server_configuration` (destroying it resets the parameter "
    "to its safe default). To record what was done, use pgaudit, which hides passwords.",
    fix_template="Set the child resource, such as `configurations/log_statement`, back to its default: `properties: { "
    "value: 'none', source: 'user-override' }`. Don't just remove it: the server keeps the old value.",
    limits="Does not see what sessions set for themselves. The PostgreSQL benchmark of CIS asks for `log_statement` at "
    "`ddl`; the option `accepted` allows that.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-audit",),
    check=check,
    options=(Option("accepted", (), "Values of `log_statement` that are not reported, such as `ddl`."),),
    cwe=(532,),
    controls=("MCSB DP-2 (by analogy)",),
)
