"""Where passwords come from and where they end up: generators, Key Vault secrets, outputs.

A server is linked with those that share a value with it. If it is unknown whether they do, there is a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from pgflexlint.model import Connection, GeneratedPassword, KeyVaultSecret, Output, Parts, Server
from pgflexlint.normalize import arm, connections
from pgflexlint.normalize.claims import Claim, Context, Piece, Reader
from pgflexlint.normalize.containment import Contents, contents, holds_secret, secret_of
from pgflexlint.normalize.index import Index
from pgflexlint.normalize.parts import common
from pgflexlint.normalize.reading import EQUALITY, flag, number, setting
from pgflexlint.normalize.sensitivity import nonsensitive_inputs
from pgflexlint.resource import OUTPUT, Language, Resource
from pgflexlint.source import Span
from pgflexlint.values import Known, Reference, Unknown, Value, holds, is_null

P = TypeVar("P", Output, KeyVaultSecret)

_CLASSES = ("upper", "lower", "numeric", "special")
_WALK_LIMIT = 500_000
"""The most values that are searched for passwords in one deployment."""


# Links


def _passwords(server: Server) -> tuple[Value[str | None], ...]:
    return tuple(password.value for password in server.authentication.administrator_passwords)


def _looked_through(index: Index, kind: type[P]) -> tuple[tuple[P, Contents], ...] | None:
    """The parts of a kind, each with the index of its value; None if that would be too much work."""
    found: list[tuple[P, Contents]] = []
    size = 0
    for part in index.all(kind):
        found.append((part, contents(part.value, part.language)))
        size += found[-1][1].size
        if size > _WALK_LIMIT:
            index.give_up(part, f"More than {_WALK_LIMIT:,} values would have to be searched for passwords.")
            return None
    return tuple(found)


def _outputs(index: Index) -> tuple[tuple[Output, Contents], ...] | None:
    return _looked_through(index, Output)


def _secrets(index: Index) -> tuple[tuple[KeyVaultSecret, Contents], ...] | None:
    return _looked_through(index, KeyVaultSecret)


def _holding(
    server: Server, index: Index, looked_through: Callable[[Index], tuple[tuple[P, Contents], ...] | None]
) -> Parts[P]:
    """The parts whose value contains a password of the server."""
    parts = index.once(looked_through)
    secrets = [secret_of(password) for password in _passwords(server)]
    work = sum(held.cost(secret) for _, held in parts or () for secret in secrets)
    if parts is None or not index.affords([part for part, _ in parts], work):
        return Parts((), (Unknown("there are too many of them", server.header),))
    items, gaps = [], []
    for part, held in parts:
        answers = [holds_secret(held, secret, server) for secret in secrets]
        if True in answers:
            items.append(part)
        else:
            gaps += [answer for answer in answers if isinstance(answer, Unknown)]
    return Parts(tuple(items), tuple(gaps))


def linked(server: Server, index: Index) -> Server:
    """A server with the outputs and Key Vault secrets that contain its passwords, and the generators of these."""
    server = replace(server, connections=replace(server.connections, items=tuple(_connections(server))))
    authentication = server.authentication
    if not authentication.administrator_passwords:
        return server
    passwords = [
        replace(each, nonsensitive_inputs=nonsensitive_inputs(each.value, server))
        for each in authentication.administrator_passwords
    ]
    return replace(
        server,
        authentication=replace(authentication, administrator_passwords=tuple(passwords)),
        outputs=_holding(server, index, _outputs),
        secrets=_holding(server, index, _secrets),
        generated_passwords=Parts(tuple(_generators(server, index))),
    )


def _connections(server: Server) -> Iterator[Connection]:
    """The connections to the server, with whether they sign in as the administrator."""
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
    if is_null(user) or not server.declared:
        return Known(False, user.span)
    answer = EQUALITY.equal(user, login)
    if answer is None:
        unknown = user if isinstance(user, Unknown) else login
        assert isinstance(unknown, Unknown)
        return Unknown(unknown.reason, user.span, user.trace)
    return Known(answer, user.span, user.trace)


def _generators(server: Server, index: Index) -> Iterator[GeneratedPassword]:
    """The generators on the traces of the server's passwords."""
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
    length = resource.attributes.get("length") or Unknown("'length' is not written", resource.header)
    classes = tuple((name, _in_password(resource, name)) for name in _CLASSES)
    yield GeneratedPassword(**common(resource), length=number(length), classes=classes)
    if resource.identity and resource.identity != resource.address:
        known_as = Unknown("", resource.header, reference=Reference(resource.identity, ""))
        yield Claim("", None, known_as, resource.header, of=resource.address)


def _in_password(resource: Resource, name: str) -> Value[bool]:
    """Whether a password has characters of a class. Of a class that is switched off it has the least number, if any."""
    spelled = "number" if name == "numeric" and "number" in resource.attributes else name  # until version 3.3
    allowed = flag(setting(resource, spelled, "generated_class"))
    least = resource.attributes.get(f"min_{name}")
    if least is None or holds(allowed, bool):
        return allowed
    needed = number(least).map(lambda count: count > 0)
    return allowed if holds(needed, bool) is False else needed


def _output(resource: Resource, context: Context) -> Iterator[Piece]:
    value = resource.attributes.get("value")
    if value is None or (resource.language is Language.TERRAFORM and not context.whole):
        return  # the outputs of a module that is judged alone are its caller's to pass on
    hidden = [resource.attributes[word] for word in ("sensitive", "ephemeral") if word in resource.attributes]
    yes = next((each for each in map(flag, hidden) if isinstance(each, Known) and each.value), None)
    doubt = next((each for each in map(flag, hidden) if isinstance(each, Unknown)), None)
    yield Output(**common(resource), value=value, sensitive=yes or doubt or Known(False, resource.header))


def _vault_secret(resource: Resource, context: Context) -> Iterator[Piece]:
    value = resource.attributes.get("value") or resource.attributes.get("value_wo")
    if value is not None:
        expires = _is_set(setting(resource, "expiration_date", "key_vault_secret_expiry"))
        yield KeyVaultSecret(**common(resource), value=value, expires=expires)
        yield from connections.alone(resource, _label(resource), value)


def _arm_vault_secret(resource: Resource, context: Context) -> Iterator[Piece]:
    value = arm.property_of(resource, "properties.value")
    if value is not None and not resource.existing:
        expiry = arm.property_of(resource, "properties.attributes.exp")
        expires = _is_set(Known(None, resource.header) if expiry is None else expiry)
        yield KeyVaultSecret(**common(resource), value=value, expires=expires)
        yield from connections.alone(resource, _label(resource), value)


def _label(resource: Resource) -> str:
    return str(common(resource)["label"])


def _is_set(value: Value[Any]) -> Value[bool]:
    """Whether a value is set and not null."""
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
"""The readers of Terraform resources, by type."""
ARM: Mapping[str, Reader] = {
    "microsoft.keyvault/vaults/secrets": _arm_vault_secret,
    OUTPUT: _output,
}
"""The readers of ARM resources, by type in lower case."""
