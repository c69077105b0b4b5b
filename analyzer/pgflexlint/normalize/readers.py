"""The readers of all types of resources, from all modules."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pgflexlint.normalize import arm, azurerm, connections, database, network, passwords
from pgflexlint.normalize.claims import DEFENDER_PLANS, SECURITY_RULES, Reader
from pgflexlint.resource import FLEXIBLE_SERVER, PROVIDER_PREFIX

TERRAFORM: Mapping[str, Reader] = {
    **azurerm.READERS,
    **network.TERRAFORM,
    **passwords.TERRAFORM,
    **connections.TERRAFORM,
    **database.READERS,
}
"""By type in Terraform, for all providers except azapi."""
ARM: Mapping[str, Reader] = {**arm.READERS, **network.ARM, **passwords.ARM, **connections.ARM}
"""By type in ARM, in lower case."""

_ADDED: Mapping[str, Collection[str]] = {
    "parameters": ("azurerm_postgresql_flexible_server_configuration", f"{FLEXIBLE_SERVER}/configurations"),
    "firewall_rules": ("azurerm_postgresql_flexible_server_firewall_rule", f"{FLEXIBLE_SERVER}/firewallrules"),
    "administrators": (
        "azurerm_postgresql_flexible_server_active_directory_administrator",
        f"{FLEXIBLE_SERVER}/administrators",
    ),
    "databases": ("azurerm_postgresql_flexible_server_database", f"{FLEXIBLE_SERVER}/databases", "postgresql_database"),
    "replicas": ("azurerm_postgresql_flexible_server", FLEXIBLE_SERVER),
    "private_endpoints": ("azurerm_private_endpoint", "microsoft.network/privateendpoints"),
    "diagnostic_settings": (
        "azurerm_monitor_diagnostic_setting",
        "microsoft.insights/diagnosticsettings",
        f"{FLEXIBLE_SERVER}/providers/diagnosticsettings",
    ),
    "locks": ("azurerm_management_lock", "microsoft.authorization/locks", f"{FLEXIBLE_SERVER}/providers/locks"),
    "threat_protection": (f"{FLEXIBLE_SERVER}/advancedthreatprotectionsettings",),
    "connections": (
        *connections.TERRAFORM,
        *connections.ARM,
        "azurerm_key_vault_secret",
        "microsoft.keyvault/vaults/secrets",
        f"{PROVIDER_PREFIX}postgresql",
    ),
    "providers": (f"{PROVIDER_PREFIX}postgresql",),
    "roles": ("postgresql_role",),
    "role_grants": ("postgresql_grant_role",),
    "grants": ("postgresql_grant", "postgresql_default_privileges"),
    "schema_policies": ("postgresql_schema",),
    "extensions": ("postgresql_extension",),
    DEFENDER_PLANS: ("azurerm_security_center_subscription_pricing", "microsoft.security/pricings"),
    SECURITY_RULES: (
        "azurerm_subnet_network_security_group_association",
        "azurerm_network_security_rule",
        f"{network.GROUP}/securityrules",
    ),
}
"""By kind of parts that a gap may add: the types of resources that add such a part."""


def added(type_: str) -> frozenset[str]:
    """The kinds of parts, of those that are looked for where something is not looked at, that a resource adds."""
    return frozenset(kind for kind, types in _ADDED.items() if type_ in types)
