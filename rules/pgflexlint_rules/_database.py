"""Shared by the rules about the inside of the database, which Terraform's `postgresql` provider declares."""

from __future__ import annotations

from collections.abc import Callable

from pgflexlint.model import Database, Grant, Part, Server
from pgflexlint.resource import Language
from pgflexlint.values import Unknown, Value, any_true, decide, holds
from pgflexlint_rules._words import spoken

NOT_IN_TEMPLATES = dict.fromkeys(
    (Language.BICEP, Language.ARM),
    "roles, schemas and grants live inside the database, which Azure's resource types do not reach.",
)
"""Why these rules do not apply to Bicep and ARM JSON."""
IN_SQL = (
    "Revoke it with SQL in a migration, because Azure's resource types do not reach inside the database. Run `%s` as "
    "the role that granted it."
)
"""How to fix it without such a resource; `%s` is a statement."""
UNSEEN_SQL = (
    "Reads only the resources of Terraform's `postgresql` provider, not SQL in migrations, scripts and `local-exec`."
)


def older_than(server: Server, major: int) -> bool | None:
    """Whether a server runs a major version below `major`; None if that is unknown."""

    def older(version: str) -> bool:
        number = version.partition(".")[0]
        return number.isdecimal() and int(number) < major

    return holds(server.version, older)


def some(names: Value[tuple[Value[str], ...]], test: Callable[[str], bool]) -> bool | None:
    """Whether a test is true of at least one name; None if that is unknown."""
    if isinstance(names, Unknown):
        answers = {some(each, test) for each in names.candidates}
        return answers.pop() if len(answers) == 1 else None
    return any_true(holds(name, test) for name in names.value)


def called(value: Value[str] | Value[str | None], part: Part) -> str:
    """A name for a message; if it is unknown, the label of the part that has it."""
    return spoken(value) or part.label


def listed(names: Value[tuple[Value[str], ...]]) -> str:
    """The known names, for a message."""
    if isinstance(names, Unknown):
        return " or ".join(dict.fromkeys(filter(None, map(listed, names.candidates))))
    return ", ".join(filter(None, map(spoken, names.value)))


def decides_public_schema(grant: Grant, database: Database) -> bool | Unknown:
    """Whether a grant sets what everybody may do in schema `public` of a database, and so revokes all else."""
    answers = (
        decide(grant.role, lambda role: role == "public"),
        decide(grant.object_type, lambda kind: kind == "schema" and not grant.by_default),
        decide(grant.schema, lambda schema: schema == "public"),
        _same(grant.database, database),
    )
    return False not in answers and next((answer for answer in answers if isinstance(answer, Unknown)), True)


def _same(name: Value[str], database: Database) -> bool | Unknown:
    """Whether a name is that of a database, by reference or by value."""
    if name == database.name or (name.reference is not None and name.reference.address == database.address):
        return True
    if isinstance(name, Unknown):
        return name
    return decide(database.name, lambda known: known == name.value)
