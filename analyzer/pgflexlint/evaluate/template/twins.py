"""Whether a template may be what the Bicep compiler made of a file, going by what the two deploy.

Both are evaluated: with their defaults, and with parameters of which nothing is known, so that both branches of a
condition count. The compiler keeps every value, but not where and in which order it is written. So what is compared is
how often each literal occurs under each property of each type of resource. `benchmarks/parity.py` compares more.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import TypeAlias

from msgspec.structs import replace

from pgflexlint.evaluate.bounds import SpentError
from pgflexlint.evaluate.equality import is_text
from pgflexlint.evaluate.interpreter import contained
from pgflexlint.evaluate.members import AnyValue, Namespace
from pgflexlint.evaluate.names import fully_evaluated
from pgflexlint.evaluate.session import Input
from pgflexlint.evaluate.template.instance import Instance
from pgflexlint.evaluate.template.naming import DEPLOYMENTS
from pgflexlint.evaluate.template.session import Session
from pgflexlint.evaluate.template.types import to_text
from pgflexlint.resource import Resource
from pgflexlint.syntax.template import Module, Template
from pgflexlint.values import Known, Unknown

Literals: TypeAlias = Counter[tuple[str, ...]]
"""How often each literal occurs, by what has it, such as a type of resource, and by property."""

_PROVIDERS = "/providers/"
"""What is in an id that is written out. The compiler does so for a resource that has no symbolic name in JSON."""
_UNCOMPARED = ("scope", "sensitive")
"""The scope of a resource, which the compiler leaves out if it is that of the deployment; and whether an output is
sensitive, which is unknown in Bicep if its type is declared in a module that is not on disk."""


def may_be_compiled_from(compiled: Template, source: Template, session: Callable[[], Session]) -> bool:
    """Whether both have the same parameters and outputs, and deploy resources with the same literals.

    `session` makes a new session for each evaluation. If they share a budget and it is used up, the answer is no.
    """
    if compiled.problems or source.problems or _declared(compiled) != _declared(source):
        return False
    compiled = with_calls_of(source, compiled, session().load)
    nothing_known = {
        name: Input(Unknown(f"parameter '{name}' can have any value", each.span), f"parameter '{name}'")
        for name, each in source.parameters.items()
    }
    try:
        return all(
            _deployed(Instance(session(), source, inputs)) == _deployed(Instance(session(), compiled, inputs))
            for inputs in (dict[str, Input](), nothing_known)
        )
    except (SpentError, RecursionError):
        return False


def _declared(template: Template) -> tuple[object, ...]:
    """What tells most templates apart without an evaluation. A deployment that Bicep declares as a resource is a module
    as well."""
    resources = [each for each in template.resources if not each.existing and each.type.lower() != DEPLOYMENTS]
    return {*template.parameters}, {*template.outputs}, len(template.modules), len(resources)


def _deployed(instance: Instance) -> Literals:
    """All literals of what a template deploys, of its outputs, and of the defaults of its parameters."""
    found: Literals = Counter()
    for each in fully_evaluated([*instance.resources(), *instance.output_resources()], instance.session.budget):
        if not each.existing and each.type != DEPLOYMENTS:
            found.update(_literals_of(each))
    for name, parameter in instance.template.parameters.items():
        sensitive = instance.types.sensitive(parameter.type)
        found["parameter", name, f"sensitive: {sensitive is True}"] += 1
        if parameter.default is not None:
            found.update(("parameter", *each) for each in _literals(name, contained(parameter.default, instance.scope)))
    return found


def _literals_of(resource: Resource) -> Iterator[tuple[str, ...]]:
    """The literals of a resource, each with the type of the resource and the name of the property."""
    kind = f"{resource.type}{'' if resource.maybe is None else ' (maybe)'}"
    yield (kind,)
    for name, value in resource.attributes.items():
        if name not in _UNCOMPARED:
            yield from ((kind, *literal) for literal in _literals(name, value))


def _literals(name: str, value: AnyValue) -> Iterator[tuple[str, str]]:
    """The literals of a value under a name: those of all candidates, and those around what is unknown in a text.

    What holds nothing counts as well. So does what is unknown, as `?`: also an object that only the platform fills.
    """
    match value:
        case Known(Mapping() as members):
            if not members:
                yield name.lower(), "?" if isinstance(members, Namespace) else "{}"
            for member, each in members.items():
                yield from _literals(member, each)
        case Known(tuple() as items):
            yield name.lower(), "[]"
            for each in items:
                yield from _literals(name, each)
        case Known(bare):
            # As in a checkout with line feeds.
            yield name.lower(), repr(bare.replace("\r\n", "\n") if isinstance(bare, str) else bare)
        case Unknown():
            yield name.lower(), "?"
            yield from sorted({literal for each in value.candidates for literal in _literals(name, each)})
            if is_text(value) and not _is_id(value):
                for literal, pieces in groupby(_pieces(value), lambda piece: piece is not None):
                    if literal and (text := "".join(filter(None, pieces))):
                        yield name.lower(), repr(text.replace("\r\n", "\n"))


def _pieces(text: Unknown) -> Iterator[str | None]:
    """The pieces of a text that is known in part, with None for what is unknown, and for ids."""
    for part in text.parts:
        if isinstance(part, Known):
            yield to_text(part.value)
        elif is_text(part) and not _is_id(part):
            yield from _pieces(part)
        else:
            yield None


def _is_id(text: Unknown) -> bool:
    """Whether a text that is known in part is an id that is written out."""
    return any(isinstance(part, Known) and _PROVIDERS in str(part.value) for part in text.parts)


def with_calls_of(source: Template, compiled: Template, load: Callable[[str], Template | None]) -> Template:
    """A compiled template with calls in place of those modules that its source calls and that are not on disk.

    The compiled template holds these modules. `load` gives the template at a path.
    """
    called = source.modules
    symbolic = {module.symbol for module in compiled.modules}
    # Without symbolic names the compiler writes modules last, in their order.
    last = compiled.modules[len(compiled.modules) - len(called) :]
    calls = {
        (module.symbol if module.symbol in symbolic else other.symbol): module
        for module, other in zip(called, last, strict=False)
    }

    def as_called(module: Module) -> Module:
        call = calls.get(module.symbol)
        if call is None or call.source is None or module.template is None:
            return module
        if ":" in call.source:
            return replace(module, symbol=call.symbol, source=call.source, template=None, inner=True)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source.file.path), call.source))
        template = None if path.startswith("..") else load(path)
        if template is None:
            return module
        return replace(module, symbol=call.symbol, template=with_calls_of(template, module.template, load))

    return replace(compiled, modules=tuple(map(as_called, compiled.modules)))
