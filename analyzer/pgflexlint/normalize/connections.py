"""Finds connections to PostgreSQL in the settings of applications.

A connection is either a connection string, or several settings whose names begin alike, such as `PGHOST` and `PGUSER`,
or `DB_HOST` and `DB_USERNAME`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pgflexlint.evaluate.equality import is_text
from pgflexlint.evaluate.members import Namespace, object_members
from pgflexlint.lazily import compiled
from pgflexlint.model import Connection
from pgflexlint.normalize import arm
from pgflexlint.normalize.claims import Claim, Context, Piece, Reader
from pgflexlint.normalize.connection_text import ConnectionText, Form, parse, sslmode_word
from pgflexlint.normalize.hosts import is_azure, is_elsewhere, server_of
from pgflexlint.normalize.parts import common
from pgflexlint.normalize.reading import block_member, blocks, text
from pgflexlint.resource import Resource
from pgflexlint.values import Known, Origin, Unknown, Value, holds, is_null

_HOST = compiled(r"(.*?)(?:host(?:_?name)?|server(?:_?name)?|fqdn|address)", re.IGNORECASE)
_URL = compiled(r"(.*?)(?:jdbc[_.]?)?(?:url|uri|dsn|connection_?string)", re.IGNORECASE)
_ROLES = {
    "user": ("user", "username", "user_name", "user_id", "login", "uid"),
    "password": ("password", "pass", "pwd"),
    "sslmode": ("sslmode", "ssl_mode"),
}
"""By what a setting is: how its name may end, in lower case. It begins like the name of the host or the URL."""

_CLIENT_DEFAULT = "prefer"
"""The sslmode if none is written, of clients that read libpq's keywords, ADO.NET's strings or JDBC's: see
`connection_text.py`, and https://jdbc.postgresql.org/documentation/ssl/."""


_FOR_ANOTHER = frozenset([
    "apihub", "docdb", "eventhub", "mysql", "notificationhub", "rediscache", "servicebus", "sqlazure", "sqlserver",
])  # fmt: skip
"""Types of App Service's connection strings, in lower case, that are for other services than PostgreSQL
(https://learn.microsoft.com/azure/templates/microsoft.web/sites#connstringinfo)."""


class _Setting(Struct, frozen=True):
    """A setting of an application."""

    value: Value[Any]
    possible: tuple[Value[Any], ...]
    """What it is or can be: texts that are known, at least in part, and references."""
    doubt: Unknown | None = None
    """Why it may be another one of these, or something else, or missing."""


def _setting(value: Value[Any]) -> _Setting:
    """The setting that a value is."""
    if isinstance(value, Known) or is_text(value) or value.reference is not None:
        return _Setting(value, (value,))
    return _Setting(value, (*value.candidates, *value.some), value.bare())


def found(
    resource: Resource, settings: Mapping[str, Value[Any]], kinds: Mapping[str, Value[Any]] | None = None
) -> Iterator[Claim]:
    """The connections in the settings of one application. `settings` are the values by name.

    `kinds` are the types of connection strings by name, where they have one. If a string could be for several services,
    its type decides.
    """
    yield from _found(resource, {name: _setting(value) for name, value in settings.items()}, kinds or {})


def _found(resource: Resource, settings: Mapping[str, _Setting], kinds: Mapping[str, Value[Any]]) -> Iterator[Claim]:
    """As `found`, of settings that may be missing or have one of several values."""
    values = {name: setting.value for name, setting in settings.items()}
    for name, setting in settings.items():
        match = _HOST.fullmatch(name)
        strings = [(each, said) for each in setting.possible for said in parse(each)]
        for each, said in strings:
            if not (said.form is Form.ADO and _is_for_another(said, kinds.get(name))):
                yield from _connection(resource, name, each, _completed(said, name, values), setting.doubt)
        if match is None or strings:
            continue
        for host in setting.possible or (setting.value,):
            if _is_host(name, host):
                group = _group(host, _beside(match[1], values))
                yield from _connection(resource, name, host, group, setting.doubt)


def alone(resource: Resource, name: str, value: Value[Any]) -> Iterator[Claim]:
    """The connection in a single value, such as a secret. It must be a connection string; a host alone is none."""
    setting = _setting(value)
    for each in setting.possible:
        for said in parse(each):
            yield from _connection(resource, name, each, said, setting.doubt)


def _is_for_another(said: ConnectionText, kind: Value[Any] | None) -> bool:
    """Whether a connection string is for another service, by its type. A host of Azure's PostgreSQL outweighs it."""
    other = kind is not None and holds(kind, lambda word: str(word).lower() in _FOR_ANOTHER)
    return bool(other) and isinstance(is_azure(said.host), Unknown)


def _completed(said: ConnectionText, name: str, settings: Mapping[str, Value[Any]]) -> ConnectionText:
    """A connection string. If it lacks the user or the password, it gets that of the settings beside it."""
    match = _URL.fullmatch(name)
    if match is None or (said.user and said.password):
        return said
    roles = _beside(match[1], settings)
    return replace(said, user=said.user or roles.get("user"), password=said.password or roles.get("password"))


def _group(host: Value[Any], roles: Mapping[str, Value[Any]]) -> ConnectionText:
    """What a host and the settings beside it say together."""
    mode = roles.get("sslmode")
    sslmode = None if mode is None else text(mode).map(sslmode_word)
    return ConnectionText(Form.SETTINGS, host, roles.get("user"), roles.get("password"), sslmode)


def _is_host(name: str, host: Value[Any]) -> bool:
    """Whether a setting that is named like a host is the host of a PostgreSQL server."""
    return isinstance(is_azure(host), Known) or name.upper() == "PGHOST"


def _beside(prefix: str, settings: Mapping[str, Value[Any]]) -> dict[str, Value[Any]]:
    """The settings whose names begin with `prefix`, by what they are, as in `_ROLES`."""
    by_name = {name.lower(): value for name, value in settings.items()}
    roles: dict[str, Value[Any]] = {}
    for role, endings in _ROLES.items():
        for ending in endings:
            value = by_name.get(f"{prefix}{ending}".lower())
            if value is not None and role not in roles:
                roles[role] = value
    return roles


def _connection(
    resource: Resource, name: str, value: Value[Any], said: ConnectionText, doubt: Unknown | None
) -> Iterator[Claim]:
    """The claim of the connection in a setting; none if its host is certainly no server of Azure's.

    `doubt` says why the setting may be another one.
    """
    target = server_of(said.host, "the host")
    another = isinstance(said.host, Known) and isinstance(target, Unknown) and target.reference is None
    if another or is_elsewhere(said.host):
        return
    own, nothing = common(resource), Known(None, value.span)
    address = resource.address if name == own["label"] else f"{resource.address}.{name}"
    part = Connection(
        **{**own, "address": address, "label": name, "header": value.span, "maybe": own["maybe"] or doubt},
        to_azure=is_azure(said.host),
        user=said.user or nothing,
        password=said.password or nothing,
        sslmode=said.sslmode or _client_default(said, value),
        trusts_any_certificate=Known(said.trusts_any_certificate, value.span, said.trace),
        as_administrator=Known(False, value.span),
    )
    yield Claim("connections", part, target, value.span, unseen=address)


def _client_default(said: ConnectionText, value: Value[Any]) -> Value[str]:
    """The sslmode that a client takes if none is written."""
    if said.form in (Form.URI, Form.SETTINGS):
        return Unknown("no sslmode is written, and which one the client takes is not known", value.span)
    return Known(_CLIENT_DEFAULT, value.span, said.trace, Origin.DEFAULT)


# Terraform


def _app(resource: Resource, context: Context) -> Iterator[Piece]:
    """App Service: https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/linux_web_app"""
    yield from _found_in(resource, resource.attributes.get("app_settings"), _members)
    strings = blocks(resource, "connection_string")
    yield from found(resource, _by_name(strings, "name", "value"), _by_name(strings, "name", "type"))


def _container_app(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/container_app"""
    secrets = _by_name(blocks(resource, "secret"), "name", "value")
    yield from found(resource, secrets)
    for template in blocks(resource, "template"):
        for kind in ("container", "init_container"):
            for container in _items(block_member(template, kind)):
                entries = _items(block_member(container, "env"))
                yield from found(resource, _by_name(entries, "name", "value", secrets, "secret_name"))


def _container_group(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/container_group"""
    for kind in ("container", "init_container"):
        for container in blocks(resource, kind):
            plain = _members(block_member(container, "environment_variables"))
            secure = _members(block_member(container, "secure_environment_variables"))
            yield from found(resource, {**plain, **secure})


def _kubernetes(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs/resources/secret_v1"""
    for name in ("data", "data_wo"):
        yield from _found_in(resource, resource.attributes.get(name), _members)


def _configuration_key(resource: Resource, context: Context) -> Iterator[Piece]:
    value = resource.attributes.get("value")
    if value is not None:
        yield from alone(resource, str(common(resource)["label"]), value)


# ARM


def _site(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://learn.microsoft.com/azure/templates/microsoft.web/sites#siteconfig"""
    settings = arm.property_of(resource, "properties.siteConfig.appSettings")
    yield from _found_in(resource, settings, lambda some: _by_name(_items(some), "name", "value"))
    strings = _items(arm.property_of(resource, "properties.siteConfig.connectionStrings"))
    yield from found(resource, _by_name(strings, "name", "connectionstring"), _by_name(strings, "name", "type"))


def _site_config(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://learn.microsoft.com/azure/templates/microsoft.web/sites/config-appsettings"""
    name = resource.attributes["name"]
    kind = str(name.value).lower() if isinstance(name, Known) else ""
    settings = resource.attributes.get("properties")
    if kind == "connectionstrings":
        strings = _members(settings)
        yield from found(resource, _member_of_each(strings, "value"), _member_of_each(strings, "type"))
    elif kind == "appsettings":
        yield from _found_in(resource, settings, _members)


def _arm_container_app(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://learn.microsoft.com/azure/templates/microsoft.app/containerapps"""
    secrets = _by_name(_items(arm.property_of(resource, "properties.configuration.secrets")), "name", "value")
    yield from found(resource, secrets)
    for kind in ("containers", "initContainers"):
        for container in _items(arm.property_of(resource, f"properties.template.{kind}")):
            entries = arm.member_at(container, "env")
            yield from _found_in(
                resource, entries, lambda some: _by_name(_items(some), "name", "value", secrets, "secretref")
            )


def _arm_container_group(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://learn.microsoft.com/azure/templates/microsoft.containerinstance/containergroups"""
    for kind in ("containers", "initContainers"):
        for container in _items(arm.property_of(resource, f"properties.{kind}")):
            entries = arm.member_at(container, "properties", "environmentvariables")
            yield from _found_in(resource, entries, _variables)


def _variables(entries: Value[Any]) -> dict[str, Value[Any]]:
    """The environment variables of a container."""
    plain, secure = (_by_name(_items(entries), "name", kind) for kind in ("value", "securevalue"))
    return {**plain, **secure}


def _key_value(resource: Resource, context: Context) -> Iterator[Piece]:
    value = arm.property_of(resource, "properties.value")
    if value is not None:
        yield from alone(resource, str(common(resource)["label"]), value)


# Shapes


def _found_in(
    resource: Resource, value: Value[Any] | None, read: Callable[[Value[Any]], Mapping[str, Value[Any]]]
) -> Iterator[Piece]:
    """The connections in settings that `read` takes from a value, which may be one of several or known in part."""
    if value is None:
        return
    if not isinstance(value, Unknown) or not value.candidates:
        yield from found(resource, read(value))
        return
    several = [read(each) for each in value.candidates]
    names = dict.fromkeys(name for some in several for name in some)
    settings = {name: _one_of([some.get(name) for some in several], value) for name in names}
    yield from _found(resource, settings, {})


def _one_of(values: list[Value[Any] | None], because: Unknown) -> _Setting:
    """A setting that has one of several values; None stands for its absence. `because` says why it is unknown."""
    there = [value for value in values if value is not None]
    doubt = because.bare()
    missing = doubt if len(there) < len(values) else None
    if len({_said(value) for value in there}) == 1:
        first = _setting(there[0])
        return replace(first, doubt=first.doubt or missing)
    possible = {_said(each): each for value in there for each in _setting(value).possible}
    known = tuple(each for each in possible.values() if isinstance(each, Known))
    complete = missing is None and all(isinstance(value, Known) for value in there)
    value = replace(doubt, candidates=known) if complete else replace(doubt, some=tuple(possible.values()))
    return _Setting(value, tuple(possible.values()), doubt)


def _said(value: Value[Any]) -> Hashable:
    """A key of a value. Values with the same key are certainly equal, wherever they are written."""
    if isinstance(value, Known):
        return id(value.value) if isinstance(value.value, tuple | Mapping) else value.value
    return tuple(map(_said, value.parts)) if is_text(value) else value.key or value.reference or id(value)


def _members(value: Value[Any] | None) -> dict[str, Value[Any]]:
    """The certain members of an object, by name."""
    if value is None or (isinstance(value, Known) and not isinstance(value.value, Mapping)):
        return {}
    members = {name: arm.member_of(value, name, member) for name, member in object_members(value)[0].items()}
    return {name: each for name, each in members.items() if not is_null(each)}


def _member_of_each(settings: Mapping[str, Value[Any]], name: str) -> dict[str, Value[Any]]:
    """The member `name` of each object that has it, by the name of the object."""
    members = {each: arm.member_at(value, name) for each, value in settings.items()}
    return {each: value for each, value in members.items() if value is not None}


def _items(value: Value[Any] | None) -> tuple[Value[Any], ...]:
    """The certain members of a list."""
    members = value.members if isinstance(value, Unknown) else None if value is None else value.value
    return members if isinstance(members, tuple) else ()


def _by_name(
    entries: tuple[Value[Any], ...],
    name: str,
    content: str,
    secrets: Mapping[str, Value[Any]] | None = None,
    secret: str = "",
) -> dict[str, Value[Any]]:
    """The values in a list of entries, by their names.

    An entry has its name in the member `name` and its value in the member `content`. Or it has in the member `secret`
    the name of one of `secrets`, which is its value.
    """
    settings: dict[str, Value[Any]] = {}
    for entry in entries:
        called, value = _member(entry, name), _member(entry, content)
        if value is None and secrets and secret:
            referred = _member(entry, secret)
            value = secrets.get(str(referred.value)) if isinstance(referred, Known) else None
        if isinstance(called, Known) and value is not None:
            settings[str(called.value)] = value
    return settings


def _member(entry: Value[Any], name: str) -> Value[Any] | None:
    """A member of an entry. An entry is an object, or a block of Terraform, whose members keep their own places."""
    block = isinstance(entry, Known) and isinstance(entry.value, Namespace)
    return block_member(entry, name) if block else arm.member_at(entry, name)


_APPS = (
    "linux_web_app", "windows_web_app", "linux_function_app", "windows_function_app", "linux_web_app_slot",
    "windows_web_app_slot", "linux_function_app_slot", "windows_function_app_slot", "function_app_flex_consumption",
    "logic_app_standard", "static_web_app", "app_service", "app_service_slot", "function_app", "function_app_slot",
)  # fmt: skip

TERRAFORM: Mapping[str, Reader] = {
    **{f"azurerm_{name}": _app for name in _APPS},
    "azurerm_container_app": _container_app,
    "azurerm_container_app_job": _container_app,
    "azurerm_container_group": _container_group,
    "azurerm_app_configuration_key": _configuration_key,
    "kubernetes_secret": _kubernetes,
    "kubernetes_secret_v1": _kubernetes,
    "kubernetes_config_map": _kubernetes,
    "kubernetes_config_map_v1": _kubernetes,
}
"""The readers of Terraform resources, by type."""
ARM: Mapping[str, Reader] = {
    "microsoft.web/sites": _site,
    "microsoft.web/sites/slots": _site,
    "microsoft.web/sites/config": _site_config,
    "microsoft.web/sites/slots/config": _site_config,
    "microsoft.app/containerapps": _arm_container_app,
    "microsoft.app/jobs": _arm_container_app,
    "microsoft.containerinstance/containergroups": _arm_container_group,
    "microsoft.appconfiguration/configurationstores/keyvalues": _key_value,
}
"""The readers of ARM resources, by type in lower case."""
