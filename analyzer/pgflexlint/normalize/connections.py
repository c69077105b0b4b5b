"""Finds connections to PostgreSQL in the settings of applications.

A connection is either a connection string, or several settings whose names begin alike, such as `PGHOST` and `PGUSER`,
or `DB_HOST` and `DB_USERNAME`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, TypeAlias

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
from pgflexlint.normalize.reading import block_member, text
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

_HOLE = "?"
"""What stands for what is unknown in the name of a setting."""
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


Settings: TypeAlias = Mapping[str, _Setting]
"""The settings of an application by name."""
Claims: TypeAlias = Iterator[Claim]


def _setting(value: Value[Any]) -> _Setting:
    """The setting that a value is."""
    if isinstance(value, Known) or is_text(value) or value.reference is not None:
        return _Setting(value, (value,))
    return _Setting(value, (*value.candidates, *value.some), value.bare())


def found(
    resource: Resource, settings: Settings, kinds: Settings | None = None, doubt: Unknown | None = None
) -> Claims:
    """The connections in the settings of one application. `doubt` says why there may be no such settings.

    `kinds` are the types of connection strings by name, where they have one. If a string could be for several services,
    its type decides.
    """
    values = {name: setting.value for name, setting in settings.items()}
    types = {name: kind.value for name, kind in (kinds or {}).items()}
    for name, setting in settings.items():
        unsure = setting.doubt or doubt
        match = _HOST.fullmatch(name)
        strings = [(each, said) for each in setting.possible for said in parse(each)]
        for each, said in strings:
            if not (said.form is Form.ADO and _is_for_another(said, types.get(name))):
                yield from _connection(resource, name, each, _completed(said, name, values), unsure)
        if match is None or strings:
            continue
        for host in setting.possible or (setting.value,):
            if _is_host(name, host):
                group = _group(host, _beside(match[1], values))
                yield from _connection(resource, name, host, group, unsure)


def alone(resource: Resource, name: str, value: Value[Any]) -> Claims:
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
) -> Claims:
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
    yield from found(resource, _members(resource.attributes.get("app_settings")))
    strings = resource.attributes.get("connection_string")
    yield from found(resource, _by_name(strings, "name", "value"), _by_name(strings, "name", "type"))


def _container_app(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/container_app"""
    secrets = _by_name(resource.attributes.get("secret"), "name", "value")
    yield from found(resource, secrets)
    for template, _ in _items(resource.attributes.get("template")):
        for kind in ("container", "init_container"):
            for container, doubt in _items(_member(template, kind)):
                entries = _by_name(_member(container, "env"), "name", "value", secrets, "secret_name")
                yield from found(resource, entries, doubt=doubt)


def _container_group(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/container_group"""
    for kind in ("container", "init_container"):
        for container, doubt in _items(resource.attributes.get(kind)):
            plain = _members(_member(container, "environment_variables"))
            secure = _members(_member(container, "secure_environment_variables"))
            yield from found(resource, {**plain, **secure}, doubt=doubt)


def _kubernetes(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs/resources/secret_v1"""
    for name in ("data", "data_wo"):
        yield from found(resource, _members(resource.attributes.get(name)))


def _configuration_key(resource: Resource, context: Context) -> Iterator[Piece]:
    value = resource.attributes.get("value")
    if value is not None:
        yield from alone(resource, str(common(resource)["label"]), value)


# ARM


def _site(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://learn.microsoft.com/azure/templates/microsoft.web/sites#siteconfig"""
    settings = arm.property_of(resource, "properties.siteConfig.appSettings")
    yield from found(resource, _by_name(settings, "name", "value"))
    strings = arm.property_of(resource, "properties.siteConfig.connectionStrings")
    yield from found(resource, _by_name(strings, "name", "connectionstring"), _by_name(strings, "name", "type"))


def _site_config(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://learn.microsoft.com/azure/templates/microsoft.web/sites/config-appsettings"""
    name = resource.attributes["name"]
    kind = str(name.value).lower() if isinstance(name, Known) else ""
    settings = resource.attributes.get("properties")
    if kind == "connectionstrings":
        yield from found(resource, _member_of_each(settings, "value"), _member_of_each(settings, "type"))
    elif kind == "appsettings":
        yield from found(resource, _members(settings))


def _arm_container_app(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://learn.microsoft.com/azure/templates/microsoft.app/containerapps"""
    secrets = _by_name(arm.property_of(resource, "properties.configuration.secrets"), "name", "value")
    yield from found(resource, secrets)
    for kind in ("containers", "initContainers"):
        for container, doubt in _items(arm.property_of(resource, f"properties.template.{kind}")):
            entries = _by_name(arm.member_at(container, "env"), "name", "value", secrets, "secretref")
            yield from found(resource, entries, doubt=doubt)


def _arm_container_group(resource: Resource, context: Context) -> Iterator[Piece]:
    """https://learn.microsoft.com/azure/templates/microsoft.containerinstance/containergroups"""
    for kind in ("containers", "initContainers"):
        for container, doubt in _items(arm.property_of(resource, f"properties.{kind}")):
            entries = arm.member_at(container, "properties", "environmentvariables")
            plain, secure = (_by_name(entries, "name", content) for content in ("value", "securevalue"))
            yield from found(resource, {**plain, **secure}, doubt=doubt)


def _key_value(resource: Resource, context: Context) -> Iterator[Piece]:
    value = arm.property_of(resource, "properties.value")
    if value is not None:
        yield from alone(resource, str(common(resource)["label"]), value)


# Shapes


def _in_each_case(value: Value[Any], read: Callable[[Value[Any]], Settings]) -> Settings:
    """The settings that `read` takes from a value, which may be one of several."""
    if isinstance(value, Known) or not value.possible or value.members is not None:
        return read(value)
    several = [read(each) for each in value.possible]
    if not value.candidates:
        several.append({})  # there may be none
    names = dict.fromkeys(name for some in several for name in some)
    return {name: _one_of([some.get(name) for some in several], value) for name in names}


def _one_of(settings: list[_Setting | None], because: Unknown) -> _Setting:
    """One of several settings; None stands for its absence. `because` says why it is unknown which."""
    there = [setting for setting in settings if setting is not None]
    doubt = because.bare()
    missing = doubt if len(there) < len(settings) else None
    if len({_said(setting.value) for setting in there}) == 1:
        unsure = next((setting.doubt for setting in there if setting.doubt is not None), missing)
        return replace(there[0], doubt=unsure)
    possible = {_said(each): each for setting in there for each in setting.possible}
    known = tuple(each for each in possible.values() if isinstance(each, Known))
    complete = missing is None and all(isinstance(each.value, Known) and each.doubt is None for each in there)
    value = replace(doubt, candidates=known) if complete else replace(doubt, some=tuple(possible.values()))
    return _Setting(value, tuple(possible.values()), doubt)


def _both(one: _Setting, other: _Setting) -> _Setting:
    """Two settings whose names look alike, because they are unknown in part."""
    return _Setting(other.value, (*one.possible, *other.possible), one.doubt or other.doubt)


def _said(value: Value[Any]) -> Hashable:
    """A key of a value. Values with the same key are certainly equal, wherever they are written."""
    if isinstance(value, Known):
        return id(value.value) if isinstance(value.value, tuple | Mapping) else value.value
    return tuple(map(_said, value.parts)) if is_text(value) else value.key or value.reference or id(value)


def _members(value: Value[Any] | None) -> Settings:
    """The certain members of an object, by name."""

    def read(case: Value[Any]) -> Settings:
        if isinstance(case, Known) and not isinstance(case.value, Mapping):
            return {}
        members = {name: arm.member_of(case, name, member) for name, member in object_members(case)[0].items()}
        return {name: _setting(each) for name, each in members.items() if not is_null(each)}

    return {} if value is None else _in_each_case(value, read)


def _member_of_each(value: Value[Any] | None, name: str) -> Settings:
    """The member `name`, in lower case, of each object in an object, by the name of the object that has it."""

    def read(case: Value[Any]) -> Settings:
        members = {each: _members(setting.value) for each, setting in _members(case).items()}
        lower = {each: {key.lower(): setting for key, setting in some.items()} for each, some in members.items()}
        return {each: some[name] for each, some in lower.items() if name in some}

    return {} if value is None else _in_each_case(value, read)


def _items(value: Value[Any] | None, doubt: Unknown | None = None) -> Iterator[tuple[Value[Any], Unknown | None]]:
    """The members of a list that are or may be there, each with why it may be missing; or a single block."""
    if isinstance(value, Unknown) and value.possible and value.members is None:
        for each in value.possible:
            yield from _items(each, doubt or value.bare())
    elif (members := _listed(value)) is not None:
        for member in members:
            yield from _items(member, doubt)
    elif value is not None:
        yield value, doubt


def _listed(value: Value[Any] | None) -> tuple[Value[Any], ...] | None:
    """The certain members of a list; None if the value is none."""
    members = value.members if isinstance(value, Unknown) else None if value is None else value.value
    return members if isinstance(members, tuple) else None


def _by_name(
    entries: Value[Any] | None, name: str, content: str, secrets: Settings | None = None, secret: str = ""
) -> Settings:
    """The settings in a list of entries.

    An entry has its name in the member `name` and its value in the member `content`. Or it has in the member `secret`
    the name of one of `secrets`, which is its value.
    """

    def read(value: Value[Any]) -> Settings:
        members = _listed(value)
        if members is None:
            return entry(value)
        settings: dict[str, _Setting] = {}
        for member in members:
            for label, setting in _in_each_case(member, read).items():
                other = settings.get(label) if _HOLE in label else None
                settings[label] = setting if other is None else _both(other, setting)
        return settings

    def entry(value: Value[Any]) -> Settings:
        called, given = _member(value, name), _member(value, content)
        if called is None:
            return {}
        if given is not None:
            return {_label(called): _setting(given)}
        referred = _member(value, secret) if secrets and secret else None
        found_ = secrets.get(str(referred.value)) if secrets and isinstance(referred, Known) else None
        return {} if found_ is None else {_label(called): found_}

    return {} if entries is None else _in_each_case(entries, read)


def _label(name: Value[Any]) -> str:
    """The name of a setting, with `_HOLE` for what is unknown."""
    if isinstance(name, Known):
        return str(name.value)
    return "".join(map(_label, name.parts)) if is_text(name) else _HOLE


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
