"""Reads resources of the azurerm provider as parts of the model.

https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from pgflexlint.defaults import property_default
from pgflexlint.model import (
    Administrator,
    Authentication,
    Backup,
    Database,
    DefenderPlan,
    DiagnosticSetting,
    Encryption,
    FirewallRule,
    KeyVault,
    KeyVaultKey,
    Lock,
    LogCategory,
    Network,
    Parameter,
    Parts,
    Password,
    ResourceGroup,
    RetiredServer,
    Server,
    Storage,
)
from pgflexlint.normalize.claims import Claim, Context, Piece, Reader
from pgflexlint.normalize.keys import managed_key
from pgflexlint.normalize.parameters import static_ignored
from pgflexlint.normalize.parts import common, replica_of, standard
from pgflexlint.normalize.reading import (
    EQUALITY,
    block_member,
    blocks,
    count,
    flag,
    nested,
    number,
    setting,
    text,
    text_without_default,
)
from pgflexlint.normalize.versions import pinned
from pgflexlint.resource import Resource
from pgflexlint.values import Known, Origin, Unknown, Value

_TIERS = {"B": "Burstable", "GP": "GeneralPurpose", "MO": "MemoryOptimized"}
"""The first part of `sku_name`, by the provider's documentation of the argument."""

FIRST_WITH_WRITE_ONLY = (4, 21, 0)
"""The version of the provider since which there is `administrator_password_wo`
(https://github.com/hashicorp/terraform-provider-azurerm/blob/main/CHANGELOG-v4.md)."""
FIRST_WITH_PUBLIC_ACCESS = (3, 105, 0)
"""The version of the provider since which `public_network_access_enabled` can be set; before, it was read-only
(https://github.com/hashicorp/terraform-provider-azurerm/blob/main/CHANGELOG-v3.md)."""


def _absent(resource: Resource, attribute: str) -> Unknown:
    """The value of a required attribute that is not written."""
    return Unknown(f"'{attribute}' is not written", resource.header)


def _text(resource: Resource, attribute: str) -> Value[str]:
    """A required attribute as text."""
    value = resource.attributes.get(attribute)
    return _absent(resource, attribute) if value is None else _without_null(text(value))


def _without_null(value: Value[str]) -> Value[str]:
    """A required text without its null candidates, because with null the deployment fails."""
    if isinstance(value, Known):
        return value
    return replace(value, candidates=tuple(each for each in value.candidates if each.value is not None))


def _server(resource: Resource, context: Context) -> Iterator[Piece]:
    attributes = resource.attributes
    create_mode = text(attributes.get("create_mode") or property_default("create_mode", resource.header))
    nothing = Known(None, resource.header, origin=Origin.DEFAULT)
    yield Server(
        **{**common(resource), "label": resource.called},
        declared=True,
        whole=context.whole,
        name=_text(resource, "name"),
        version=text_without_default(attributes.get("version"), _absent(resource, "version")),
        resource_group=attributes.get("resource_group_name") or _absent(resource, "resource_group_name"),
        create_mode=create_mode,
        tier=_text(resource, "sku_name").map(_tier),
        network=_network(resource, context),
        authentication=Authentication(
            password=flag(nested(resource, "authentication", "password_auth_enabled", "password_authentication")),
            entra=flag(nested(resource, "authentication", "active_directory_auth_enabled", "entra_authentication")),
            administrator_login=attributes.get("administrator_login", nothing),
            administrator_passwords=tuple(_passwords(resource, context)),
        ),
        backup=Backup(
            retention_days=number(setting(resource, "backup_retention_days", "backup_retention_days")),
            geo_redundant=flag(setting(resource, "geo_redundant_backup_enabled", "geo_redundant_backup")),
        ),
        high_availability=text(nested(resource, "high_availability", "mode", "high_availability")),
        encryption=_encryption(resource),
        storage=Storage(
            auto_grow=flag(setting(resource, "auto_grow_enabled", "auto_grow")),
            type=property_default("storage_type", resource.header),  # the provider has no argument for it
        ),
        maintenance_window=_maintenance_window(resource),
        prevent_destroy=resource.lifecycle.prevent_destroy,
    )
    yield from replica_of(attributes.get("source_server_id"), create_mode, common(resource))
    group = attributes.get("resource_group_name")
    if group is not None and group.reference is not None:
        yield Claim("", None, group, resource.header, of=resource.address)


def _network(resource: Resource, context: Context) -> Network:
    network = Network(
        public_access=flag(setting(resource, "public_network_access_enabled", "public_network_access")),
        delegated_subnet=setting(resource, "delegated_subnet_id", "delegated_subnet"),
        private_dns_zone=setting(resource, "private_dns_zone_id", "private_dns_zone"),
    )
    provider = pinned(context, "azurerm")
    settable = provider.may_be(FIRST_WITH_PUBLIC_ACCESS)
    if "public_network_access_enabled" not in resource.attributes or settable:
        return network
    if settable is None:
        return replace(network, ignored_doubt=provider.doubt)
    return replace(
        network,
        public_access=property_default("public_network_access", resource.header),
        ignored_public_access=network.public_access,
        ignored_because=f"azurerm {provider.words}",
    )


def _encryption(resource: Resource) -> Encryption:
    """https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/postgresql_flexible_server#customer_managed_key"""

    def part(attribute: str) -> Value[str | None]:
        return nested(resource, "customer_managed_key", attribute, "customer_managed_key")

    block = resource.attributes.get("customer_managed_key")
    return Encryption(
        key=managed_key(part("key_vault_key_id"), part("primary_user_assigned_identity_id")),
        geo_key=managed_key(part("geo_backup_key_vault_key_id"), part("geo_backup_user_assigned_identity_id")),
        at=None if block is None else block.span,
    )


def _passwords(resource: Resource, context: Context) -> Iterator[Password]:
    for name in ("administrator_password", "administrator_password_wo"):
        if name in resource.attributes:
            written = text(resource.attributes[name])
            write_only = name.endswith("_wo")
            yield Password(written, write_only, None if write_only else _write_only_possible(resource, context))


def _write_only_possible(resource: Resource, context: Context) -> Value[bool]:
    pin = pinned(context, "azurerm")
    answer = pin.may_be(FIRST_WITH_WRITE_ONLY)
    if answer is None and pin.doubt is not None:
        return pin.doubt
    return Known(bool(answer), resource.header)


def _maintenance_window(resource: Resource) -> Value[bool]:
    """Whether there is a `maintenance_window` block, which is a window of its own."""
    windows = setting(resource, "maintenance_window", "maintenance_window")
    return windows.map(
        lambda written: written if isinstance(written, bool) else isinstance(written, Mapping) or bool(written)
    )


def _tier(sku: str) -> str:
    return _TIERS.get(sku.split("_", 1)[0].upper(), sku)


def _parameter(resource: Resource, context: Context) -> Iterator[Piece]:
    name = _text(resource, "name").map(str.lower)
    ignored = static_ignored(resource, context)
    part = Parameter(**common(resource), name=name, value=_text(resource, "value"), static_ignored=ignored)
    yield _claim("parameters", part, resource, "server_id")


def _firewall_rule(resource: Resource, context: Context) -> Iterator[Piece]:
    start, end = _text(resource, "start_ip_address"), _text(resource, "end_ip_address")
    one = EQUALITY.equal(start, end) is True
    part = FirewallRule(**common(resource), start=start, end=end, one_address=one)
    yield _claim("firewall_rules", part, resource, "server_id")


def _administrator(resource: Resource, context: Context) -> Iterator[Piece]:
    part = Administrator(
        **common(resource),
        principal_name=_text(resource, "principal_name"),
        principal_type=_text(resource, "principal_type"),
    )
    yield _claim("administrators", part, resource, "server_name")


def _database(resource: Resource, context: Context) -> Iterator[Piece]:
    yield _claim("databases", Database(**common(resource), name=_text(resource, "name")), resource, "server_id")


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
        name = block_member(block, "category") or block_member(block, "category_group")
        if isinstance(block, Unknown) or name is None:
            gaps.append(block if isinstance(block, Unknown) else _absent(resource, "category"))
            continue
        enabled = block_member(block, "enabled") or Known(True, block.span)
        categories.append(LogCategory(**common(resource), name=text(name), enabled=flag(enabled)))
    part = DiagnosticSetting(**common(resource), logs=Parts(tuple(categories), tuple(gaps)), destinations=destinations)
    yield _claim("diagnostic_settings", part, resource, "target_resource_id")


def _lock(resource: Resource, context: Context) -> Iterator[Piece]:
    yield _claim("locks", Lock(**common(resource), level=_text(resource, "lock_level")), resource, "scope")


def _key_vault(resource: Resource, context: Context) -> Iterator[Piece]:
    protected = flag(setting(resource, "purge_protection_enabled", "purge_protection"))
    yield KeyVault(**common(resource), name=_text(resource, "name"), purge_protection=protected)


def _key(resource: Resource, context: Context) -> Iterator[Piece]:
    vault = resource.attributes.get("key_vault_id") or _absent(resource, "key_vault_id")
    yield KeyVaultKey(**common(resource), vault=vault)


def _resource_group(resource: Resource, context: Context) -> Iterator[Piece]:
    yield ResourceGroup(**common(resource), name=_text(resource, "name"))


def _defender_plan(resource: Resource, context: Context) -> Iterator[Piece]:
    plan = text(setting(resource, "resource_type", "defender_plan"))
    tier = resource.attributes.get("tier") or _absent(resource, "tier")
    yield DefenderPlan(**common(resource), plan=plan, enabled=standard(tier))


def _retired(resource: Resource, context: Context) -> Iterator[Piece]:
    yield RetiredServer(**common(resource), type=resource.type)


def _claim(kind: str, part: Any, resource: Resource, attribute: str) -> Claim:
    """The claim of a part on the server that an attribute names."""
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
    "azurerm_postgresql_flexible_server_database": _database,
    "azurerm_monitor_diagnostic_setting": _diagnostic_setting,
    "azurerm_management_lock": _lock,
    "azurerm_resource_group": _resource_group,
    "azurerm_key_vault": _key_vault,
    "azurerm_key_vault_key": _key,
    "azurerm_security_center_subscription_pricing": _defender_plan,
    **{f"azurerm_postgresql_{name}": _retired for name in _RETIRED},
}
"""The readers of resources, by type."""
