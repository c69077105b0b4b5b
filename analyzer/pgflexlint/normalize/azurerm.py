"""The azurerm provider's resources as parts of the model.

https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pgflexlint.defaults import property_default
from pgflexlint.model import (
    Administrator,
    Authentication,
    Backup,
    DiagnosticSetting,
    Encryption,
    FirewallRule,
    Lock,
    LogCategory,
    Network,
    Parameter,
    Parts,
    Password,
    PrivateEndpoint,
    RetiredServer,
    Server,
    Storage,
)
from pgflexlint.normalize.claims import Claim, Context, Piece, Reader
from pgflexlint.normalize.parameters import static_ignored
from pgflexlint.normalize.reading import blocks, count, flag, inside, nested, number, setting, text
from pgflexlint.resource import Resource
from pgflexlint.values import Known, Unknown, Value

_TIERS = {"B": "Burstable", "GP": "GeneralPurpose", "MO": "MemoryOptimized"}
"""The first part of `sku_name`, by the provider's documentation of the argument."""


def common(resource: Resource) -> dict[str, Any]:
    """The fields that every part has."""
    return {
        "address": resource.address,
        "label": _label(resource),
        "header": resource.header,
        "language": resource.language,
        "calls": resource.calls,
        "maybe": resource.maybe,
    }


def _label(resource: Resource) -> str:
    """`main["a"]` of `module.db.azurerm_postgresql_flexible_server.main["a"]`."""
    return resource.label or resource.address.rsplit(f"{resource.type}.", 1)[-1]


def _absent(resource: Resource, attribute: str) -> Unknown:
    return Unknown(f"'{attribute}' is not written", resource.header)


def _text(resource: Resource, attribute: str) -> Value[str]:
    value = resource.attributes.get(attribute)
    return _absent(resource, attribute) if value is None else _never_null(text(value))


def _never_null(value: Value[str]) -> Value[str]:
    """A required text: what is null for it is an error of the deployment, not a value."""
    if isinstance(value, Known):
        return value
    return replace(value, candidates=tuple(each for each in value.candidates if each.value is not None))


def _server(resource: Resource, context: Context) -> Iterator[Piece]:
    attributes = resource.attributes
    yield Server(
        **common(resource),
        declared=True,
        whole=context.whole,
        name=_text(resource, "name"),
        version=_text(resource, "version"),
        create_mode=text(attributes.get("create_mode") or property_default("create_mode", resource.header)),
        tier=_text(resource, "sku_name").map(_tier),
        network=Network(
            public_access=flag(setting(resource, "public_network_access_enabled", "public_network_access")),
            delegated_subnet=setting(resource, "delegated_subnet_id", "delegated_subnet"),
            private_dns_zone=setting(resource, "private_dns_zone_id", "private_dns_zone"),
        ),
        authentication=Authentication(
            password=flag(nested(resource, "authentication", "password_auth_enabled", "password_authentication")),
            entra=flag(nested(resource, "authentication", "active_directory_auth_enabled", "entra_authentication")),
            administrator_login=attributes.get("administrator_login", Known(None, resource.header)),
            administrator_passwords=tuple(
                Password(text(attributes[name]), write_only=name.endswith("_wo"))
                for name in ("administrator_password", "administrator_password_wo")
                if name in attributes
            ),
        ),
        backup=Backup(
            retention_days=number(setting(resource, "backup_retention_days", "backup_retention_days")),
            geo_redundant=flag(setting(resource, "geo_redundant_backup_enabled", "geo_redundant_backup")),
        ),
        high_availability=text(nested(resource, "high_availability", "mode", "high_availability")),
        encryption=_encryption(resource),
        storage=Storage(
            auto_grow=flag(setting(resource, "auto_grow_enabled", "auto_grow")),
            type=setting(resource, "storage_type", "storage_type"),
        ),
        maintenance_window=_maintenance_window(resource),
        prevent_destroy=resource.lifecycle.prevent_destroy,
    )
    group = attributes.get("resource_group_name")
    if group is not None and group.reference is not None:
        yield Claim("", None, group, resource.header, of=resource.address)


def _encryption(resource: Resource) -> Encryption:
    """https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/postgresql_flexible_server#customer_managed_key"""

    def part(attribute: str) -> Value[str | None]:
        return nested(resource, "customer_managed_key", attribute, "customer_managed_key")

    return Encryption(
        key=part("key_vault_key_id"),
        identity=part("primary_user_assigned_identity_id"),
        geo_key=part("geo_backup_key_vault_key_id"),
        geo_identity=part("geo_backup_user_assigned_identity_id"),
    )


def _maintenance_window(resource: Resource) -> Value[bool]:
    """A `maintenance_window` block is a window of its own."""
    windows = setting(resource, "maintenance_window", "maintenance_window")
    return windows.map(lambda written: written if isinstance(written, bool) else bool(written))


def _tier(sku: str) -> str:
    return _TIERS.get(sku.split("_", 1)[0].upper(), sku)


def _parameter(resource: Resource, context: Context) -> Iterator[Piece]:
    name = _text(resource, "name").map(str.lower)
    ignored = static_ignored(resource, context)
    part = Parameter(**common(resource), name=name, value=_text(resource, "value"), static_ignored=ignored)
    yield _claim("parameters", part, resource, "server_id")


def _firewall_rule(resource: Resource, context: Context) -> Iterator[Piece]:
    start, end = _text(resource, "start_ip_address"), _text(resource, "end_ip_address")
    yield _claim("firewall_rules", FirewallRule(**common(resource), start=start, end=end), resource, "server_id")


def _administrator(resource: Resource, context: Context) -> Iterator[Piece]:
    part = Administrator(
        **common(resource),
        principal_name=_text(resource, "principal_name"),
        principal_type=_text(resource, "principal_type"),
    )
    yield _claim("administrators", part, resource, "server_name")


def _private_endpoint(resource: Resource, context: Context) -> Iterator[Piece]:
    part = PrivateEndpoint(**common(resource))
    for connection in blocks(resource, "private_service_connection"):
        target = inside(connection, "private_connection_resource_id")
        if target is not None:
            yield Claim("private_endpoints", part, target, resource.header)


def _diagnostic_setting(resource: Resource, context: Context) -> Iterator[Piece]:
    sinks = (
        "log_analytics_workspace_id",
        "storage_account_id",
        "eventhub_authorization_rule_id",
        "partner_solution_id",
    )
    destinations = count([resource.attributes.get(sink) for sink in sinks], resource.header)
    categories, gaps = [], []
    # `log` is the block of azurerm 3; since 4.0 the presence of `enabled_log` is what enables.
    for block in (*blocks(resource, "enabled_log"), *blocks(resource, "log")):
        name = inside(block, "category") or inside(block, "category_group")
        if isinstance(block, Unknown) or name is None:
            gaps.append(block if isinstance(block, Unknown) else _absent(resource, "category"))
            continue
        enabled = inside(block, "enabled") or Known(True, block.span)
        categories.append(LogCategory(**common(resource), name=text(name), enabled=flag(enabled)))
    part = DiagnosticSetting(**common(resource), logs=Parts(tuple(categories), tuple(gaps)), destinations=destinations)
    yield _claim("diagnostic_settings", part, resource, "target_resource_id")


def _lock(resource: Resource, context: Context) -> Iterator[Piece]:
    yield _claim("locks", Lock(**common(resource), level=_text(resource, "lock_level")), resource, "scope")


def _retired(resource: Resource, context: Context) -> Iterator[Piece]:
    yield RetiredServer(**common(resource), type=resource.type)


def _claim(kind: str, part: Any, resource: Resource, attribute: str) -> Claim:
    target = resource.attributes.get(attribute) or _absent(resource, attribute)
    return Claim(kind, part, target, resource.header)


_RETIRED = (
    "server", "configuration", "firewall_rule", "database", "active_directory_administrator", "server_key",
    "virtual_network_rule",
)  # fmt: skip

READERS: Mapping[str, Reader] = {
    "azurerm_postgresql_flexible_server": _server,
    "azurerm_postgresql_flexible_server_configuration": _parameter,
    "azurerm_postgresql_flexible_server_firewall_rule": _firewall_rule,
    "azurerm_postgresql_flexible_server_active_directory_administrator": _administrator,
    "azurerm_private_endpoint": _private_endpoint,
    "azurerm_monitor_diagnostic_setting": _diagnostic_setting,
    "azurerm_management_lock": _lock,
    **{f"azurerm_postgresql_{name}": _retired for name in _RETIRED},
}
"""What is made of a resource, by its type."""
