"""PGF903: a server parameter that needs a restart does not take effect."""

from pgflexlint.model import Parameter, Server
from pgflexlint.parameters import ParameterRow, facts, rows
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdicts
from pgflexlint.values import Known, Unknown, decide


def check(server: Server) -> Verdicts:
    """Flag static parameters whose new value does not reach the server."""
    for part in server.parameters:
        suspect = (part.static_ignored or not part.source_written) and not part.by_system
        if isinstance(part.name, Known) and suspect:
            yield from _judged(server, part, part.name.value)


def _judged(server: Server, part: Parameter, name: str) -> Verdicts:
    documented = _documented(server, name)
    if not documented or any(row.change != "static" for row in documented):
        return
    defaults = {row.default for row in documented}
    changed = decide(part.value, lambda text: text not in defaults)
    if changed is False:
        return
    if isinstance(part.static_ignored, Unknown):
        yield Undecided(part.static_ignored)
    elif isinstance(changed, Unknown):
        yield Undecided(changed)
    elif part.static_ignored:
        yield Fail(part.value, "ignored", (server.label, name, part.static_ignored), part=part)
    else:
        yield Fail(part.value, "no_source", (server.label, name), Level.NOTE, part)


def _documented(server: Server, name: str) -> tuple[ParameterRow, ...]:
    """The rows of a parameter for the server's version, or for all versions if that is unknown."""
    if isinstance(server.version, Known):
        row = facts(name, server.version.value)
        if row is not None:
            return () if row.type is None else (row,)
    return tuple(row for row in rows(name) if row.type is not None)


RULE = Rule(
    id="PGF903",
    slug="static-parameter-not-applied",
    summary="A server parameter that needs a restart does not take effect.",
    level=Level.WARNING,
    security_severity=5.0,
    messages={
        "ignored": "The value of static parameter '{1}' does not take effect on server '{0}', because of '{2}'.",
        "no_source": "The value of static parameter '{1}' of server '{0}' has no source beside it. Azure documents "
        "'source' as required to change a value.",
    },
    why="The deployment reports success, but the server keeps the old value. With `shared_preload_libraries` that "
    "means an audit that everybody believes in and that logs nothing.",
    fix_terraform="Remove `restart_server_on_configuration_value_change = false` from the provider's `features`, or "
    "plan the restart and write down who does it.",
    fix_template="Use the API version `2025-08-01` for the child resource, or a version of the Azure Verified Module "
    "after 0.16.0. Write the source beside the value: `source: 'user-override'`.",
    limits="Does not see a restart that somebody does by hand. A missing `source` is only a note, because many "
    "templates leave it out and work. Does not judge a value that is the default, or that `source` marks as the "
    "default.",
    references=("https://learn.microsoft.com/azure/postgresql/server-parameters/concepts-server-parameters",),
    check=check,
    cwe=(693,),
)
