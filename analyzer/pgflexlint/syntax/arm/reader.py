"""ARM templates and their parameter files, told from other JSON by what they say they are, not by their names."""

from __future__ import annotations

import re

from msgspec.structs import replace

from pgflexlint.lazily import compiled
from pgflexlint.source import SourceFile, Span, spelled_out
from pgflexlint.syntax import jsonc
from pgflexlint.syntax.arm.expressions import Bindings
from pgflexlint.syntax.arm.templates import SCHEMA, lower_template, secret
from pgflexlint.syntax.arm.values import Values, child, text
from pgflexlint.syntax.expressions import Expression
from pgflexlint.syntax.jsonc import Document, Node, Object
from pgflexlint.syntax.template import ParameterFile, Template

_TEMPLATE = compiled(r'"\$schema"\s*:\s*"[^"]*deploymentTemplate\.json', re.IGNORECASE)
_PARAMETERS = compiled(r'"\$schema"\s*:\s*"[^"]*deploymentParameters\.json', re.IGNORECASE)
_WAYS = ("value", "reference", "expression")
"""The keys under which a parameter is given a value."""
_PARAMETERS_SCHEMA = compiled(r"(?:.*/)?[a-z]*deploymentParameters\.json(?:[#?].*)?", re.IGNORECASE | re.DOTALL)


def read(file: SourceFile) -> Template | None:
    """The template in a file; None where the file is none, whatever it is called.

    Its `$schema` makes it one. Where it says so and is no JSON, it is a template without content that has a problem.
    """
    if not _TEMPLATE.search(spelled_out(file.text)):
        return None
    document = jsonc.read(file)
    if document.root is None:
        return Template(file, comments=_comments(document), problems=document.problems)
    if not isinstance(document.root, Object) or not SCHEMA.fullmatch(text(child(document.root, "$schema")) or ""):
        return None
    template = lower(document.root)
    return replace(template, comments=_comments(document), problems=(*document.problems, *template.problems))


def lower(root: Object) -> Template:
    """The template that an object is; what of it cannot be read is among its problems."""
    values = Values(root.file)
    template = lower_template(root, values)
    return replace(template, problems=tuple(values.problems))


def read_parameters(file: SourceFile) -> ParameterFile | None:
    """The parameters in a file (https://learn.microsoft.com/azure/azure-resource-manager/templates/parameter-files).

    None where it holds none. Without a `$schema`, which some leave out, the way that values are written says that it
    does.
    """
    document = jsonc.read(file)
    root = document.root
    if root is None:
        declared = _PARAMETERS.search(spelled_out(file.text)) or '"parameters"' in file.text
        return ParameterFile(file, None, Span(file, 0, 0), None, {}, problems=document.problems) if declared else None
    schema = text(child(root, "$schema"))
    if not (_PARAMETERS_SCHEMA.fullmatch(schema) if schema else _gives(child(root, "parameters"))):
        return None
    values = Values(file)
    given, secrets = _given(values.object(child(root, "parameters"), "'parameters'"), values)
    return ParameterFile(
        file,
        using=text(child(root, "metadata", "template")),  # a convention of PSRule for Azure
        place=Span(file, 0, 0),
        extends=None,
        values=given,
        secrets=secrets,
        comments=_comments(document),
        problems=(*document.problems, *values.problems),
    )


def _gives(parameters: Node | None) -> bool:
    """Whether an object gives values to parameters, and does not declare them or anything else."""
    if not isinstance(parameters, Object):
        return False
    given = [child(each.value, key) for each in parameters.members for key in _WAYS]
    return not parameters.members or any(each is not None for each in given)


def _given(parameters: Object | None, values: Values) -> tuple[dict[str, Expression], frozenset[str]]:
    """The values by name, and the names of those that are in a Key Vault."""
    given: dict[str, Expression] = {}
    secrets: set[str] = set()
    for member in parameters.members if parameters else ():
        value, reference, expression = (child(member.value, key) for key in _WAYS)
        if value is not None:
            given[member.key] = values.literal(value)
        elif reference is not None:
            given[member.key] = secret(values.literal(reference))
            secrets.add(member.key)
        elif expression is not None:  # what the Bicep compiler makes of `externalInput`
            given[member.key] = values.lower(expression, Bindings())
        else:
            message = f"Parameter '{member.key}' has no value."
            values.report(message, member.key_span, 'Write it as { "value": … }.')
    return given, frozenset(secrets)


def _comments(document: Document) -> tuple[tuple[str, Span], ...]:
    return tuple([(span.text, span) for span in document.comments])
