"""The values that parameter files give to a template."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import TypeAlias

from msgspec.structs import replace

from pgflexlint.evaluate.interpreter import Scope, contained
from pgflexlint.evaluate.members import AnyValue
from pgflexlint.evaluate.names import Inherited
from pgflexlint.evaluate.session import Input
from pgflexlint.evaluate.template.instance import Instance
from pgflexlint.evaluate.template.names import Names
from pgflexlint.evaluate.template.session import Session
from pgflexlint.problem import Kind, Problem, Problems
from pgflexlint.source import Span, beside
from pgflexlint.syntax.template import ParameterFile, Template
from pgflexlint.values import Known, Unknown

Read: TypeAlias = Callable[[str], ParameterFile | None]
"""Reads the parameter file at a path; None if there is none."""

_BASE = "base"
"""The name by which expressions of a parameter file refer to the file that it extends."""


def inputs_of(
    file: ParameterFile, session: Session, read: Read, derived: frozenset[str] = frozenset()
) -> dict[str, Input]:
    """The values of a parameter file and of the one that it extends.

    `derived` are the paths of the files that extend this one.
    """
    derived |= {file.file.path}
    inherited, base = _inherited(file, session, read, derived)
    for problem in file.problems:
        session.problems.report(problem)
    # A parameter of such a file may be made of its variables, of what it imports, of its other parameters, and of
    # those of the base.
    names = Template(file.file, variables={**file.values, **file.variables}, imports=file.imports)
    own = Instance(session, names, {})
    own.scope = replace(own.scope, parent=Scope(own.scope.language, base))
    inputs = dict(inherited)
    for name, expression in file.values.items():
        value = contained(expression, own.scope)
        if name in file.secrets:
            value = Unknown(f"parameter '{name}' is read from a Key Vault", expression.span, never_null=True)
        inputs[name] = Input(value, f"parameter '{name}' in {file.file.path}")
    return inputs


def _inherited(
    file: ParameterFile, session: Session, read: Read, derived: frozenset[str]
) -> tuple[Mapping[str, Input], Mapping[str, AnyValue]]:
    """The values that a parameter file inherits, and the names that its expressions use for them.

    https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-extend
    """
    if file.extends is None:
        return {}, {}
    source, place = file.extends
    found = read(beside(session.workspace, posixpath.dirname(file.file.path), source))
    if found is None or found.file.path in derived:
        _report_base(source, place, session.problems, circular=found is not None)
        return {}, {_BASE: Unknown(f"the parameters of '{source}' are not known", place)}
    inputs = inputs_of(found, session, read, derived)
    given = {name: each.value for name, each in inputs.items()}
    names = Inherited(given, {name: each.text for name, each in inputs.items()}, source)
    return inputs, Names({"inherited": names, "base": {_BASE: Known(names, place)}})


def _report_base(base: str, place: Span, problems: Problems, *, circular: bool) -> None:
    """Report that an extended parameter file does not exist, or extends itself."""
    message = f"Parameter file '{base}' extends itself." if circular else f"There is no parameter file '{base}'."
    hint = "Break the cycle." if circular else "Check the path after 'extends'."
    kind = Kind.CYCLE if circular else Kind.MODULE
    problems.report(Problem(kind, message, place.file.path, place, hint))


def report_undeclared(file: ParameterFile, template: Template, problems: Problems) -> None:
    """Report values for parameters that a template does not have: Azure refuses them.

    Inherited values are not reported: Bicep ignores those that the template does not have. Nor are JSON
    values with `${NAME}`: azd fills them in, and ignores those that the template does not have.
    """
    declared = {name.lower() for name in template.parameters}
    is_json = not file.file.path.endswith(".bicepparam")
    for name, value in file.values.items():
        filled_in = is_json and "${" in value.span.text
        if name.lower() not in declared and not template.problems and not filled_in:
            message = f"Template '{template.file.path}' has no parameter '{name}'."
            hint = "Check the spelling, and whether this parameter file is for another template."
            problems.report(Problem(Kind.REFERENCE, message, value.span.file.path, value.span, hint))
