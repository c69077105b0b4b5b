"""Functions that ask where a template is deployed, and what is there already. Only the deployment knows the answers.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource, …-scope and
…-deployment.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from pgflexlint.evaluate.calls import EvaluationError, FunctionCall
from pgflexlint.evaluate.functions import Table, UndecidedError, scalar, with_holes
from pgflexlint.evaluate.names import shown
from pgflexlint.evaluate.template.functions.parameters import scalar_text
from pgflexlint.evaluate.template.identity import identity, key
from pgflexlint.values import Known, Reference, Unknown, Value

FUNCTIONS = Table()
FUNCTIONS.unknowable("function '{}' depends on the machine", "readenvvar", "readcliarg", "externalinput")
FUNCTIONS.unknowable("what function '{}' names is not looked up", "roledefinitions")


@FUNCTIONS.structural("readenvironmentvariable", 1, 2)
def _environment(call: FunctionCall) -> Value[Any]:
    """`readEnvironmentVariable`. The second argument is the value if there is no such variable."""
    some = tuple(each for each in call.arguments[1:] if isinstance(each, Known))
    return replace(call.unknown(f"function '{call.name}' depends on the machine"), some=some, never_null=True)


@FUNCTIONS.structural("any", 1, nullable=True)
def _any(call: FunctionCall) -> Value[Any]:
    return call.arguments[0]


@FUNCTIONS.structural("fail", 1)
def _fail(call: FunctionCall) -> Value[Any]:
    raise EvaluationError(f"the template says '{scalar(call.arguments[0], scalar_text)}'")


def _scope(name: str, written: str) -> None:
    """Registers a function whose answer is an object. What it is asked for identifies the object and its members."""

    @FUNCTIONS.structural(name, 0, 2)
    def body(call: FunctionCall) -> Value[Any]:
        address = f"{name}({'|'.join(map(key, call.arguments))})"
        unknown = call.unknown(f"the result of {written}() is known only at deployment")
        return replace(unknown, reference=Reference(address, ""), never_null=True)


for _written in ("resourceGroup", "subscription", "tenant", "managementGroup", "deployment", "environment", "deployer"):
    _scope(_written.lower(), _written)


def answered(call: FunctionCall) -> Value[Any]:
    """The answer of a resource. Its id identifies it, if the argument is one: `reference` gives its properties."""
    asked = call.arguments[0].reference if call.arguments else None
    of = f" of {shown(asked.address)}" if asked is not None else ""
    unknown = call.unknown(f"the result of '{call.name}'{of} is known only at deployment")
    if asked is None or call.name.lower() != "reference" or len(call.arguments) > 2:
        return unknown
    return replace(unknown, reference=asked._replace(attribute="properties"))


for _name in (
    "reference", "references", "providers", "pickzones",
    "tologicalzone", "tologicalzones", "tophysicalzone", "tophysicalzones",
):  # fmt: skip
    FUNCTIONS.variadic(_name, 0)(answered)


@FUNCTIONS.variadic("getsecret", 0)
def _secret(call: FunctionCall) -> Value[Any]:
    """A secret in a Key Vault. It does not contain the arguments that say where it is."""
    return Unknown(f"the result of '{call.name}' is known only at deployment", call.span, never_null=True)


def _own(call: FunctionCall, scope: str, attribute: str) -> Unknown:
    """The id of the subscription, or the name of the group, that is deployed to."""
    reason = f"the result of {scope}() is known only at deployment"
    return Unknown(reason, call.span, reference=Reference(f"{scope.lower()}()", attribute), never_null=True)


def _subscription(call: FunctionCall, given: list[Value[Any]]) -> list[Any]:
    return ["/subscriptions/", given[0] if given else _own(call, "subscription", "subscriptionId")]


def _group(call: FunctionCall, given: list[Value[Any]]) -> list[Any]:
    name = given[-1] if given else _own(call, "resourceGroup", "name")
    return [*_subscription(call, given[:-1]), "/resourceGroups/", name]


def _management_group(call: FunctionCall, given: list[Value[Any]]) -> list[Any]:
    name = given[0] if given else _own(call, "managementGroup", "name")
    return ["/providers/Microsoft.Management/managementGroups/", name]


def _extended(call: FunctionCall, given: list[Value[Any]]) -> list[Any]:
    return [given[0]]


def _tenant(call: FunctionCall, given: list[Value[Any]]) -> list[Any]:
    return []


_SCOPES = {
    # How many arguments may stand before the type, at least and at most, and what they make.
    "resourceid": (0, 2, _group),
    "subscriptionresourceid": (0, 1, _subscription),
    "managementgroupresourceid": (0, 1, _management_group),
    "extensionresourceid": (1, 1, _extended),
    "tenantresourceid": (0, 0, _tenant),
}


def _is_type(value: Value[Any]) -> bool:
    """Whether an argument is a resource type. Ids of subscriptions and names of groups contain no slash."""
    return isinstance(value, Known) and isinstance(value.value, str) and "/" in value.value.lstrip("/")


def _resource_id(call: FunctionCall) -> Value[Any]:
    """The id, in pieces of which some are unknown, and the identity of its resource."""
    least, most, make = _SCOPES[call.name.lower()]
    at = next((at for at, value in enumerate(call.arguments) if at >= least and _is_type(value)), None)
    if at is None:
        unknown = next((value for value in call.arguments if isinstance(value, Unknown)), None)
        if unknown is None:
            raise EvaluationError("it was given no resource type")
        raise UndecidedError(unknown)
    given, type_, names = list(call.arguments[:at]), scalar(call.arguments[at], scalar_text), call.arguments[at + 1 :]
    provider, *kinds = type_.split("/")
    if at > most or len(names) != len(kinds):
        raise EvaluationError(f"type '{type_}' needs {len(kinds)} names")
    pieces = [*make(call, given), f"/providers/{provider}"]
    for kind, name in zip(kinds, names, strict=True):
        pieces += [f"/{kind}/", name]
    reference = Reference(identity(type_, *names), "id")
    found = with_holes(call, _texts(call, pieces), _resource_id)
    if isinstance(found, Unknown) and not found.candidates:
        reason = f"the id of {shown(reference.address)} is known only after deployment"
        return replace(found, reason=reason, reference=reference)
    return replace(found, reference=reference) if isinstance(found, Known) else found


def _texts(call: FunctionCall, pieces: Iterable[Any]) -> list[Value[Any]]:
    """The pieces as values, with adjacent texts joined."""
    made: list[Value[Any]] = []
    for piece in pieces:
        value = call.known(piece) if isinstance(piece, str) else piece
        if isinstance(value, Known):
            value = value.map(scalar_text)
            if made and isinstance(made[-1], Known):
                made[-1] = call.known(made[-1].value + value.value)
                continue
        made.append(value)
    return made


for _name in _SCOPES:
    FUNCTIONS.variadic(_name, 1)(_resource_id)
