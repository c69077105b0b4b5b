"""Terraform's `postgresql` provider: the resources that it makes inside a server, and its configurations.

https://registry.terraform.io/providers/cyrilgdn/postgresql/latest/docs. A resource belongs to the server that the
`host` of its provider's configuration names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pgflexlint.defaults import property_default
from pgflexlint.model import (
    Connection,
    Database,
    DatabaseProvider,
    Extension,
    Grant,
    Part,
    Role,
    RoleGrant,
    SchemaPolicy,
)
from pgflexlint.normalize.claims import Claim, Context, Piece, Reader
from pgflexlint.normalize.hosts import is_azure, is_elsewhere, server_of
from pgflexlint.normalize.parts import common
from pgflexlint.normalize.reading import block_member, blocks, flag, setting, text, typed
from pgflexlint.resource import ANY_INSTANCE, PROVIDER_PREFIX, Resource
from pgflexlint.values import Known, Unknown, Value, holds, is_null

PUBLIC = "public"
"""The role name that stands for everybody."""

_PRIVILEGES = {
    "SUPERUSER": "superuser",
    "CREATEROLE": "create_role",
    "CREATEDB": "create_database",
    "REPLICATION": "replication",
    "BYPASSRLS": "bypass_row_level_security",
}
"""The attributes of the provider, by PostgreSQL's words for the privileges."""


def _provider(resource: Resource, context: Context) -> Iterator[Piece]:
    part = DatabaseProvider(
        **{**common(resource), "label": _name(resource)},
        host=_written(resource, "host") or Known(None, resource.header),
        sslmode=text(
            _written(resource, "sslmode")
            or _written(resource, "ssl_mode")
            or property_default("client_sslmode", resource.header)
        ),
        password=_written(resource, "password") or Known(None, resource.header),
    )
    yield from _claim("providers", part, resource, resource)
    host = _written(resource, "host") or Unknown("the environment says which host it is", resource.header)
    connection = Connection(
        **{**common(resource), "label": _name(resource)},
        to_azure=is_azure(host),
        user=Known(None, resource.header),  # it sets the server up, and is no application
        password=Known(None, resource.header),
        sslmode=part.sslmode.map(str.lower),
        trusts_any_certificate=Known(False, resource.header),
        as_administrator=Known(False, resource.header),
    )
    yield from _claim("connections", connection, resource, resource)


def _role(resource: Resource, context: Context) -> Iterator[Piece]:
    password = resource.attributes.get("password") or resource.attributes.get("password_wo")
    part = Role(
        **common(resource),
        name=_required(resource, "name"),
        privileges=tuple(
            (word, flag(setting(resource, attribute, "role_attribute"))) for word, attribute in _PRIVILEGES.items()
        ),
        login=flag(setting(resource, "login", "role_attribute")),
        member_of=_names(setting(resource, "roles", "role_memberships")),
        password=property_default("role_password", resource.header) if password is None else text(password),
        valid_until=text(setting(resource, "valid_until", "role_valid_until")),
    )
    yield from _inside_server("roles", part, resource, context)


def _role_grant(resource: Resource, context: Context) -> Iterator[Piece]:
    part = RoleGrant(
        **common(resource),
        role=_required(resource, "role"),
        granted=_required(resource, "grant_role"),
        admin_option=flag(setting(resource, "with_admin_option", "admin_option")),
    )
    yield from _inside_server("role_grants", part, resource, context)


def _grant(resource: Resource, context: Context) -> Iterator[Piece]:
    part = Grant(
        **common(resource),
        role=_required(resource, "role").map(_folded),
        object_type=_required(resource, "object_type").map(str.lower),
        database=_required(resource, "database"),
        schema=setting(resource, "schema", "grant_schema"),
        objects=_names(setting(resource, "objects", "grant_objects")),
        columns=_names(setting(resource, "columns", "grant_objects")),
        owner=setting(resource, "owner", "grant_owner"),
        privileges=_names(_required(resource, "privileges", plain=True), upper=True),
        grant_option=flag(setting(resource, "with_grant_option", "grant_option")),
        by_default=resource.type == "postgresql_default_privileges",
    )
    yield from _inside_server("grants", part, resource, context)


def _schema(resource: Resource, context: Context) -> Iterator[Piece]:
    """The policies of a schema. The schema itself is not judged."""
    for block in blocks(resource, "policy"):

        def part(name: str, default: str, block: Value[Any] = block) -> Value[Any]:
            return block_member(block, name) or property_default(default, block.span)

        fields = common(resource)
        if isinstance(block, Unknown):  # any number of them
            fields |= {"address": f"{resource.address}.policy{ANY_INSTANCE}", "maybe": resource.maybe or block}
        policy = SchemaPolicy(
            **fields,
            schema=_required(resource, "name"),
            role=text(part("role", "schema_policy_role")).map(lambda role: _folded(role or PUBLIC)),
            create=_either(part("create", "schema_policy"), part("create_with_grant", "schema_policy")),
            grant_option=_either(part("create_with_grant", "schema_policy"), part("usage_with_grant", "schema_policy")),
        )
        yield from _inside_server("schema_policies", policy, resource, context)


def _database(resource: Resource, context: Context) -> Iterator[Piece]:
    part = Database(**common(resource), name=_required(resource, "name"))
    yield from _inside_server("databases", part, resource, context)


def _extension(resource: Resource, context: Context) -> Iterator[Piece]:
    part = Extension(**common(resource), name=_required(resource, "name"))
    yield from _inside_server("extensions", part, resource, context)


# Which server


def _inside_server(kind: str, part: Part, resource: Resource, context: Context) -> Iterator[Piece]:
    yield from _claim(kind, part, resource, context.configurations.get(resource.provider))


def _claim(kind: str, part: Part, resource: Resource, configuration: Resource | None) -> Iterator[Piece]:
    """The claim of a part on the server of a configuration; none if that is no server of Azure's."""
    if configuration is None:
        target: Value[Any] = Unknown(
            "the scanned files hold no configuration of provider 'postgresql'", resource.header
        )
        yield Claim(kind, part, target, resource.header, unseen=resource.provider)
        return
    if not _is_elsewhere(configuration):
        target = _server(configuration)
        yield Claim(kind, part, target, resource.header, unseen=configuration.address)


def _server(configuration: Resource) -> Value[Any]:
    """The server of a configuration: a reference to it, its name, or an unknown with the reason."""
    host = _written(configuration, "host")
    if host is None:  # the environment says it
        return Unknown(f"'host' of '{_name(configuration)}' is not written", configuration.header)
    return server_of(host, f"'host' of '{_name(configuration)}'")


def _is_elsewhere(configuration: Resource) -> bool:
    """Whether the server of a configuration is certainly none of Azure's."""
    host = _written(configuration, "host")
    if host is not None and is_elsewhere(host):
        return True
    scheme = _written(configuration, "scheme")
    return scheme is not None and holds(scheme, lambda word: word in ("awspostgres", "gcppostgres")) is True


def _name(configuration: Resource) -> str:
    """What a person calls a configuration: `postgresql.admin`."""
    return f"{configuration.type.removeprefix(PROVIDER_PREFIX)}.{configuration.label}".rstrip(".")


# Attributes


def _written(resource: Resource, attribute: str) -> Value[Any] | None:
    """An attribute; None if it is not written or null."""
    value = resource.attributes.get(attribute)
    return None if is_null(value) else value


def _required(resource: Resource, attribute: str, *, plain: bool = False) -> Value[Any]:
    """An attribute that must be there, as text unless `plain`."""
    value = resource.attributes.get(attribute)
    if value is None:
        return Unknown(f"'{attribute}' is not written", resource.header)
    return value if plain else text(value)


def _names(value: Value[Any], *, upper: bool = False) -> Value[tuple[Value[str], ...]]:
    """A list or set of names."""

    def names(items: Any) -> tuple[Value[str], ...] | None:
        if not isinstance(items, tuple):
            return None
        return tuple(text(item).map(str.upper) if upper else text(item) for item in items)

    return typed(value, names, "a list")


def _folded(role: str) -> str:
    """The name of a role. Case matters, except in `PUBLIC`."""
    return PUBLIC if role.lower() == PUBLIC else role


def _either(one: Value[Any], other: Value[Any]) -> Value[bool]:
    """Whether one of two flags is on: the flag that decides."""
    flags = [flag(one), flag(other)]
    on = next((each for each in flags if isinstance(each, Known) and each.value), None)
    return on or next((each for each in flags if isinstance(each, Unknown)), flags[0])


READERS: Mapping[str, Reader] = {
    f"{PROVIDER_PREFIX}postgresql": _provider,
    "postgresql_role": _role,
    "postgresql_grant_role": _role_grant,
    "postgresql_grant": _grant,
    "postgresql_default_privileges": _grant,
    "postgresql_schema": _schema,
    "postgresql_database": _database,
    "postgresql_extension": _extension,
}
"""The readers of resources, by type."""
