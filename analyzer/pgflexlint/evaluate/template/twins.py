"""Whether a template may be what the Bicep compiler made of a file, going by what the two declare.

The compiler keeps all parameters, outputs, resources and modules, and it keeps literals. It does not keep their order,
and it writes the name of a parent in front of that of its child.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import TypeAlias

from pgflexlint.evaluate.template.naming import DEPLOYMENTS
from pgflexlint.syntax.expressions import Expression, ListOf, Literal, ObjectOf, Spread
from pgflexlint.syntax.expressions import Template as Text
from pgflexlint.syntax.template import Template

_Names: TypeAlias = Mapping[tuple[str, str], Counter[str | None]]
"""By type and API version: how many resources have each name. None stands for a name that is no literal."""


def may_be_compiled_from(compiled: Template, source: Template) -> bool:
    """Whether both declare the same, and the template has the API versions and all literals of the source.

    Literals inside expressions are not compared, and the template may have others than the source.
    """
    return (
        compiled.parameters.keys() == source.parameters.keys()
        and compiled.outputs.keys() == source.outputs.keys()
        and all(_agree(each.default, source.parameters[name].default) for name, each in compiled.parameters.items())
        and _has_all(_names(compiled), _names(source))
        and _literals(source) <= _literals(compiled)
    )


def _names(template: Template) -> _Names:
    """What a template declares. Bicep may declare a deployment as a resource: it counts as the module that it is."""
    found: dict[tuple[str, str], Counter[str | None]] = defaultdict(Counter)
    for each in template.resources:
        if not each.existing and each.type.lower() != DEPLOYMENTS:
            type_, _, version = each.type.lower().partition("@")  # as the compiler writes those of extensions
            version = str(each.api_version.value) if isinstance(each.api_version, Literal) else version
            found[type_, version][_last_name(each.name)] += 1
    for module in template.modules:
        found[DEPLOYMENTS, ""][_last_name(module.name)] += 1
    return found


def _literals(template: Template) -> set[tuple[str, object]]:
    """All literals in resources, in the parameters of modules, and in variables, but not those beside a spread.

    Each comes with the name of its property or variable, and without its place: the compiler moves some variables.
    """
    found: set[tuple[str, object]] = set()
    declared = (each for each in template.resources if not each.existing and each.type.lower() != DEPLOYMENTS)
    todo: list[tuple[str, Expression | None]] = [*template.variables.items()]
    todo += (("", each.body) for each in declared)
    todo += (("", each.parameters) for each in template.modules)
    while todo:
        name, value = todo.pop()
        match value:
            case Literal():
                found.add((name.lower(), _same_line_ends(value.value)))
            case ListOf(items=items) if items and all(isinstance(item, Literal) for item in items):
                found.add(
                    (name.lower(), tuple(_same_line_ends(item.value) for item in items if isinstance(item, Literal)))
                )
            case ListOf(items=items) if not any(isinstance(item, Spread) for item in items):
                todo += ((name, item) for item in items)
            case ObjectOf(items=items) if not any(isinstance(member, Spread) for _, member in items):
                todo += ((str(key.value), member) for key, member in items if isinstance(key, Literal))
    return found


def _same_line_ends(value: object) -> object:
    """A text as it is in a checkout with line feeds."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _last_name(name: Expression | None) -> str | None:
    """The name of a resource without that of its parent, if it is a literal."""
    parts = name.parts if isinstance(name, Text) else (name,)
    known = list(takewhile(lambda part: isinstance(part, Literal), reversed(parts)))
    end = "".join(str(part.value) for part in reversed(known) if isinstance(part, Literal))
    return end.rpartition("/")[2] if "/" in end or len(known) == len(parts) else None


def _has_all(compiled: _Names, source: _Names) -> bool:
    """Whether a template has equally many resources of each type and version as a Bicep file, and has all names that
    are literals there. Others may have become literals: the compiler works out some names."""
    return compiled.keys() == source.keys() and all(
        compiled[each].total() == source[each].total()
        and all(number <= compiled[each][name] for name, number in source[each].items() if name is not None)
        for each in source
    )


def _agree(one: Expression | None, other: Expression | None) -> bool:
    """Whether two defaults may be the same: what is literal in both is equal."""
    match one, other:
        case (None, _) | (_, None):
            return one is other
        case Literal(), Literal():
            return _same_line_ends(one.value) == _same_line_ends(other.value)
        case ListOf(), ListOf():
            return len(one.items) == len(other.items) and all(map(_agree, one.items, other.items))
        case ObjectOf(), ObjectOf():
            return len(one.items) == len(other.items) and all(map(_agree, _flat(one), _flat(other)))
    literal = (Literal, ListOf, ObjectOf)
    return not (isinstance(one, literal) and isinstance(other, literal))


def _flat(members: ObjectOf) -> Iterable[Expression]:
    """The names and values of an object, in order."""
    return (each for member in members.items for each in member)
