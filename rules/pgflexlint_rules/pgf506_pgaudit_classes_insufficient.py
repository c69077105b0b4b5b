"""PGF506: the audit leaves out changes to roles and to the schema."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Option, Rule, Verdicts
from pgflexlint.values import holds
from pgflexlint_rules._pgaudit import CLASSES, missing
from pgflexlint_rules._server import forbid_parameter, written
from pgflexlint_rules._words import members, spoken


def subtracts(text: str | None) -> bool:
    """Whether a class is taken away (`-misc`), which pgaudit supports and Azure does not."""
    return any(member.startswith("-") for member in members(text))


def check(server: Server, *, classes: tuple[str, ...]) -> Verdicts:
    """Flag an audit that lacks one of `classes`; `all` has them all. A missing setting is PGF505."""
    if missing(server)[0] or not written(server, CLASSES):
        return
    value = server.parameter(CLASSES)

    def insufficient(text: str | None) -> bool:
        return subtracts(text) or not ("all" in members(text) or members(text) >= set(classes))

    message = "subtracted" if holds(value, subtracts) else "few"
    wanted = ",".join(classes)
    yield from forbid_parameter(server, CLASSES, insufficient, message, server.label, spoken(value), wanted)


RULE = Rule(
    id="PGF506",
    slug="pgaudit-classes-insufficient",
    summary="The audit leaves out changes to roles and to the schema.",
    level=Level.WARNING,
    security_severity=4.0,
    messages={
        "few": "The audit of server '{0}' logs '{1}' and not all of '{2}'.",
        "subtracted": "The audit of server '{0}' is set to '{1}', but Azure cannot take classes away. Name the classes "
        "that are wanted, with '{2}' among them.",
    },
    why="An intruder creates a role, a grant or a function to be able to come back. An audit without the classes for "
    "roles and for the schema does not record that.",
    fix_terraform='Set `value` of `pgaudit.log` to the classes that are wanted, such as `"role,ddl,misc"`.',
    fix_template="Set the child resource `configurations/pgaudit.log` to `properties: { value: 'role,ddl,misc', "
    "source: 'user-override' }`.",
    limits="An audit that is not switched on is PGF505. `all` passes, although the Azure policy does not accept it.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-audit",),
    check=check,
    options=(Option("classes", ("role", "ddl"), "The classes that must be logged."),),
    cwe=(778,),
    policies=("eadbb524-8644-4a87-8af6-549e1d125982",),
    controls=("MCSB LT-3 (by analogy)",),
)
