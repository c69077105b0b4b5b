"""Where passwords come from and where they end up: generators, Key Vault secrets, outputs.

A server is linked with them where one and the same value is in both; what cannot be told is a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeGuard, TypeVar

from msgspec.structs import replace

from pgflexlint.evaluate.equality import is_text
from pgflexlint.evaluate.interpreter import Namespace
from pgflexlint.evaluate.names import ModuleOutputs, ResourceObject
from pgflexlint.lazily import compiled
from pgflexlint.model import Connection, GeneratedPassword, KeyVaultSecret, Output, Part, Parts, Server
from pgflexlint.normalize import arm, connections
from pgflexlint.normalize.azurerm import common
from pgflexlint.normalize.claims import Claim, Context, Piece, Reader
from pgflexlint.normalize.index import Index
from pgflexlint.normalize.reading import EQUALITY, flag, number, setting
from pgflexlint.resource import OUTPUT, Language, Resource
from pgflexlint.source import Span
from pgflexlint.values import Hidden, Known, Reference, Step, Unknown, Value

P = TypeVar("P", bound=Part)

_PASSWORD_ATTRIBUTES = frozenset({"administrator_password", "administrator_password_wo"})
_CLASSES = ("upper", "lower", "numeric", "special")
_LOSING = frozenset(
    ["uniquestring", "guid", "newguid", "length", "empty", "contains", "startswith", "endswith", "!", "==", "&&", "||"]
)
"""Functions and operators of templates whose answer does not tell their arguments."""
_ALTERNATIVES = frozenset(["?:", "??", "coalesce"])
_CHOICES = {
    Language.TERRAFORM: frozenset(["?:"]),  # what a function makes is sensitive where any argument is
    Language.BICEP: _ALTERNATIVES,
    Language.ARM: _ALTERNATIVES,
}
"""Of them those that are as hidden as what they choose."""
_TYPE = compiled(r"(?:^|\.)(\w+)\.[^.\[\]]+(?:\[[^\]]*\])?$")
"""The type in the address of a resource."""
_BORN_HIDDEN: Mapping[str, tuple[str, ...]] = {
    "random_password": ("result", "bcrypt_hash"),
    "azurerm_key_vault_secret": ("value",),
    "azurerm_postgresql_flexible_server": ("administrator_password",),
}
"""Attributes that their providers declare sensitive, of data sources and ephemeral resources as well
(https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/password,
https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/data-sources/key_vault_secret)."""
_SHORTEST = 4
"""A shorter literal may be in a text by chance."""
_NODE_LIMIT = 10_000
"""How much of a value is looked through for a password."""


# What holds a password


def holds_secret(value: Value[Any], secret: Value[Any], server: Server | None = None) -> bool | Unknown:
    """Whether a value certainly holds a secret, whole or as a piece of a text; Unknown where that cannot be told.

    Where a `server` is given the secret is its administrator password, which its own attributes hold too.
    """
    doubt: Value[Any] | None = None
    for node, certain in _inside(value, server, secret):
        answer = _is(node, secret, server)
        if answer is True and certain:
            return True
        doubt = node if answer is not False and doubt is None else doubt
    if doubt is None:
        return False
    reasons = [each.reason for each in (value, doubt, secret) if isinstance(each, Unknown)]
    return Unknown(reasons[0], value.span, value.trace)


def _inside(value: Value[Any], server: Server | None, secret: Value[Any]) -> Iterator[tuple[Value[Any], bool]]:
    """A value and what it tells, each with whether that is certain to be in it."""
    todo = [(value, True)]
    seen: set[int] = set()
    while todo and len(seen) < _NODE_LIMIT:
        node, certain = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node, certain
        match node:
            case Known(ResourceObject() as resource):
                todo += ((resource[name], certain) for name in _told(resource, server, secret))
            case Known(Namespace() as names) if not isinstance(names, ModuleOutputs):
                continue
            case Known(Mapping() as members):
                todo += ((member, certain) for member in members.values())
            case Known(tuple() as members):
                todo += ((member, certain) for member in members)
            case Unknown(parts=parts) if is_text(node):
                todo += ((part, certain) for part in parts)
            case Unknown(parts=(Known((Known(operation), *operands)),)):
                if operation in _ALTERNATIVES:
                    todo += ((operand, False) for operand in operands[operation == "?:" :])
                elif operation not in _LOSING:
                    todo += ((operand, certain and operation != ".") for operand in operands)
            case Unknown(candidates=candidates, some=some):
                todo += ((each, False) for each in (*candidates, *some))


def _told(resource: ResourceObject, server: Server | None, secret: Value[Any]) -> Iterable[str]:
    """The attributes of a resource, given as a whole, that can be the secret."""
    if secret.reference is not None and secret.reference.address == resource.address:
        return (secret.reference.attribute,)
    return _PASSWORD_ATTRIBUTES if server is not None and resource.address == server.address else ()


def _is(node: Value[Any], secret: Value[Any], server: Server | None) -> bool | None:
    """Whether a value is the secret, or a text with it; None where it may be made of it."""
    reference = node.reference
    if (
        server is not None
        and reference is not None
        and reference.address == server.address
        and reference.attribute in _PASSWORD_ATTRIBUTES
    ):
        return True
    match node, secret:
        case Known(str() as text), Known(str() as literal):
            return literal in text if len(literal) >= _SHORTEST else literal == text
        case Known(), Known():
            return False
        case Known(str()), Unknown(candidates=candidates, some=some):
            return None if any(_is(node, each, None) for each in (*candidates, *some)) else False
        case Unknown(), Unknown():
            if EQUALITY.equal(node, secret) or _holds_member(node, secret):
                return True
            return None if _may_derive(node, secret) else False
        case _:
            return False


def _holds_member(node: Unknown, secret: Unknown) -> bool:
    """Whether the secret is a member of what is unknown as a whole."""
    key = secret.key
    while isinstance(key, tuple):
        key = key[0]
        if node.key == key:
            return True
    return False


def _may_derive(node: Unknown, secret: Unknown) -> bool:
    """Whether something unknown came the way of the secret, and nothing tells that it is something else."""
    if node.parts or node.reference is not None or not node.trace or not secret.trace:
        return False
    match node.key, secret.key:
        case (one, _), (other, _) if one == other:  # two members of one object
            return False
    return _begins(secret, node) or _begins(node, secret)


def _begins(one: Unknown, other: Unknown) -> bool:
    return one.trace[0][:2] in {step[:2] for step in other.trace}


# Which inputs show it


def _shown_by(value: Value[Any], server: Server) -> tuple[Step, ...] | Unknown:
    """As `Password.shown_by`. A text is hidden where one of its unknown pieces is."""
    terraform = server.language is Language.TERRAFORM
    match value:
        case Unknown(parts=(Known((Known(operation), *operands)),)) if operation in _CHOICES[server.language]:
            outcomes = [_shown_by(each, server) for each in operands[operation == "?:" :] if isinstance(each, Unknown)]
            shown = _all_shown(outcomes)
            return Unknown(value.reason, value.span) if shown == () and set(outcomes) != {()} else shown
    inputs = [step for step in value.trace if step.secure is not None and not step.decides]
    origins = _origins(value)
    if terraform and (any(step.secure for step in inputs) or any(map(_is_born_hidden, origins))):
        return ()  # what is made of anything sensitive is sensitive
    pieces = [part for part in value.parts if isinstance(part, Unknown)] if _in_pieces(value) else []
    below = {step[:2] for piece in pieces for step in piece.trace}
    shown = tuple(step for step in inputs if not step.secure and step[:2] not in below)
    doubt = next((step for step in inputs if isinstance(step.secure, Hidden) and step[:2] not in below), None)
    none = () if doubt is None else Unknown("it cannot be told whether this input hides it", doubt.span)
    if shown and terraform and not server.whole:
        return Unknown("whoever uses this module may pass a value that is hidden", shown[0].span)
    if isinstance(value, Known):
        return shown or none
    if shown and terraform and origins:
        return value  # what it begins with may be sensitive
    if pieces:
        rest = _all_shown([_shown_by(piece, server) for piece in pieces])
        return rest if not shown else (*rest, *shown) if isinstance(rest, tuple) else shown
    if not shown:
        return none
    if next(step for step in value.trace if not step.decides).secure is None:
        return value  # it begins elsewhere, and the input may say no more than how it is cut
    if value.key is None and value.reference is None and not value.parts:
        return value  # what holds it is unknown, so that it may not be there
    return shown


def _in_pieces(value: Value[Any]) -> TypeGuard[Unknown]:
    return isinstance(value, Unknown) and is_text(value)


def _origins(value: Value[Any]) -> list[Reference]:
    """The attributes of resources that a value is made of; what is made known on purpose refers to none."""
    found: list[Reference] = []
    todo = [value]
    seen: set[int] = set()
    while todo and len(seen) < _NODE_LIMIT:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        match node:
            case Unknown(parts=(Known((Known("nonsensitive"), *_)),)):
                found.append(Reference("", ""))
            case Unknown(reference=Reference() as reference):
                found.append(reference)
            case Unknown(parts=parts):
                todo += parts
            case Known(tuple() as members):
                todo += members
    return found


def _is_born_hidden(origin: Reference) -> bool:
    """Whether Terraform knows from the provider that an attribute is sensitive."""
    found = _TYPE.search(origin.address)
    return found is not None and origin.attribute in _BORN_HIDDEN.get(found[1], ())


def _all_shown(pieces: list[tuple[Step, ...] | Unknown]) -> tuple[Step, ...] | Unknown:
    """What shows all of some pieces; none where one is hidden."""
    if () in pieces:
        return ()
    unknown = next((piece for piece in pieces if isinstance(piece, Unknown)), None)
    return unknown or tuple(dict.fromkeys(step for piece in pieces if isinstance(piece, tuple) for step in piece))


# Links


def _passwords(server: Server) -> tuple[Value[str | None], ...]:
    return tuple(password.value for password in server.authentication.administrator_passwords)


def _holding(server: Server, index: Index, kind: type[P], value_of: Callable[[P], Value[Any]]) -> Parts[P]:
    """The parts of a kind whose value holds a password of the server."""
    parts = index.few(kind)
    if parts is None:
        return Parts((), (Unknown("there are more of them than are looked at", server.header),))
    items, gaps = [], []
    for part in parts:
        answers = [holds_secret(value_of(part), password, server) for password in _passwords(server)]
        if True in answers:
            items.append(part)
        else:
            gaps += [answer for answer in answers if isinstance(answer, Unknown)]
    return Parts(tuple(items), tuple(gaps))


def linked(server: Server, index: Index) -> Server:
    """A server with the outputs and Key Vault secrets that hold its password, and what makes that up."""
    server = replace(server, connections=replace(server.connections, items=tuple(_connections(server))))
    authentication = server.authentication
    if not authentication.administrator_passwords:
        return server
    passwords = [
        replace(each, shown_by=_shown_by(each.value, server)) for each in authentication.administrator_passwords
    ]
    return replace(
        server,
        authentication=replace(authentication, administrator_passwords=tuple(passwords)),
        outputs=_holding(server, index, Output, lambda output: output.value),
        secrets=_holding(server, index, KeyVaultSecret, lambda secret: secret.value),
        generated_passwords=Parts(tuple(_generators(server, index))),
    )


def _connections(server: Server) -> Iterator[Connection]:
    """The connections that lead to the server, and whether they are the administrator's."""
    login = server.authentication.administrator_login
    for connection in server.connections:
        user = connection.user
        to_azure: Value[bool] = Known(True, user.span) if server.declared else connection.to_azure
        yield replace(connection, to_azure=to_azure, as_administrator=_is_administrator(user, login, server))


def _is_administrator(user: Value[str | None], login: Value[str | None], server: Server) -> Value[bool]:
    """Whether a user is the administrator of a server."""
    reference = user.reference
    if reference is not None and reference == (server.address, "administrator_login"):
        return Known(True, user.span, user.trace)
    if (isinstance(user, Known) and user.value is None) or not server.declared:
        return Known(False, user.span)
    answer = EQUALITY.equal(user, login)
    if answer is None:
        unknown = user if isinstance(user, Unknown) else login
        assert isinstance(unknown, Unknown)
        return Unknown(unknown.reason, user.span, user.trace)
    return Known(answer, user.span, user.trace)


def _generators(server: Server, index: Index) -> Iterator[GeneratedPassword]:
    """Those on the way of a password."""
    found: dict[str, GeneratedPassword] = {}
    for password in _passwords(server):
        known = index.find(password, GeneratedPassword)
        if known is not None:
            found[known.address] = known
            continue
        by_header = index.once(_by_header)
        found |= {each.address: each for step in password.trace for each in by_header.get(step.span, ())}
    yield from found.values()


def _by_header(index: Index) -> dict[Span, list[GeneratedPassword]]:
    found: dict[Span, list[GeneratedPassword]] = {}
    for each in index.all(GeneratedPassword):
        found.setdefault(each.header, []).append(each)
    return found


# Readers


def _generated(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/password"""
    spelled = {"numeric": "number"} if "number" in resource.attributes else {}  # until version 3.3
    length = resource.attributes.get("length") or Unknown("'length' is not written", resource.header)
    yield GeneratedPassword(
        **common(resource),
        length=number(length),
        classes=tuple((name, flag(setting(resource, spelled.get(name, name), "generated_class"))) for name in _CLASSES),
    )
    if resource.identity and resource.identity != resource.address:
        known_as = Unknown("", resource.header, reference=Reference(resource.identity, ""))
        yield Claim("", None, known_as, resource.header, of=resource.address)


def _output(resource: Resource, context: Context) -> Iterator[Piece]:
    value = resource.attributes.get("value")
    if value is None or (resource.language is Language.TERRAFORM and not context.whole):
        return  # the outputs of a module that is judged alone are its caller's to pass on
    hidden = [resource.attributes[word] for word in ("sensitive", "ephemeral") if word in resource.attributes]
    yes = next((each for each in map(flag, hidden) if isinstance(each, Known) and each.value), None)
    doubt = next((each for each in map(flag, hidden) if isinstance(each, Unknown)), None)
    yield Output(**common(resource), value=value, secure=yes or doubt or Known(False, resource.header))


def _vault_secret(resource: Resource, context: Context) -> Iterator[Piece]:
    value = resource.attributes.get("value") or resource.attributes.get("value_wo")
    if value is not None:
        expires = _is_set(setting(resource, "expiration_date", "key_vault_secret_expiry"))
        yield KeyVaultSecret(**common(resource), value=value, expires=expires)
        yield from connections.found(resource, {_label(resource): value})


def _arm_vault_secret(resource: Resource, context: Context) -> Iterator[Piece]:
    value = arm.property_of(resource, "properties.value")
    if value is not None and not resource.existing:
        expiry = arm.property_of(resource, "properties.attributes.exp")
        expires = _is_set(Known(None, resource.header) if expiry is None else expiry)
        yield KeyVaultSecret(**common(resource), value=value, expires=expires)
        yield from connections.found(resource, {_label(resource): value})


def _label(resource: Resource) -> str:
    return str(common(resource)["label"])


def _is_set(value: Value[Any]) -> Value[bool]:
    """Whether something is given that is not null."""
    if isinstance(value, Known):
        return Known(value.value is not None, value.span, value.trace, value.origin)
    if value.never_null or value.reference is not None:
        return Known(True, value.span, value.trace)
    return value.map(lambda known: known is not None)


TERRAFORM: Mapping[str, Reader] = {
    "random_password": _generated,
    "random_string": _generated,
    "azurerm_key_vault_secret": _vault_secret,
    OUTPUT: _output,
}
"""What is made of a Terraform resource, by its type."""
ARM: Mapping[str, Reader] = {
    "microsoft.keyvault/vaults/secrets": _arm_vault_secret,
    OUTPUT: _output,
}
"""What is made of an ARM resource, by its type in lower case."""
