"""PGF508: log lines do not name the user and the database."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts, default_level
from pgflexlint_rules._logs import escapes
from pgflexlint_rules._server import forbid_parameter
from pgflexlint_rules._words import spoken

NAME = "log_line_prefix"


def check(server: Server) -> Verdicts:
    """Flag a prefix without the user or without the database; the default has neither."""
    value = server.parameter(NAME)
    message = "default" if default_level(value, Level.WARNING, Level.NOTE) is Level.NOTE else "written"
    yield from forbid_parameter(
        server, NAME, lambda text: not escapes(text or "") >= {"u", "d"}, message, server.label, spoken(value)
    )


RULE = Rule(
    id="PGF508",
    slug="log-line-prefix-no-identity",
    summary="Log lines do not name the user and the database.",
    level=Level.NOTE,
    security_severity=2.5,
    messages={
        "written": "Log lines of server '{0}' lack the user or the database: their prefix is '{1}'.",
        "default": "Log lines of server '{0}' lack the user and the database: their prefix is the default, '{1}'.",
    },
    why="An error or a slow statement that names nobody cannot be traced to an account. Whoever investigates has to "
    "guess from timestamps.",
    fix_terraform='Add an `azurerm_postgresql_flexible_server_configuration` with `name = "log_line_prefix"` and '
    '`value = "%t-%c-user=%u,db=%d,app=%a,client=%h"`.',
    fix_template="Set the child resource `configurations/log_line_prefix` to `properties: { value: "
    "'%t-%c-user=%u,db=%d,app=%a,client=%h', source: 'user-override' }`.",
    limits="Does not ask for the client's address (`%h`), which is worth having too.",
    references=("https://learn.microsoft.com/azure/postgresql/monitor/concepts-logging",),
    check=check,
    precision="very-high",
    cwe=(223,),
    policies=("3bf854e8-b34a-47fe-9f81-bc558c82b3bd",),
    controls=("MCSB LT-3 (by analogy)",),
)
