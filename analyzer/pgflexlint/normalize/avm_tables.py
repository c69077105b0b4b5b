"""What the two Azure Verified Modules for flexible servers make of their arguments, by version.

Callers of a registry module are judged by these tables, because the module itself is not on disk. Every row was read
in the module's own file at every tag that `versions` lists; `Default.source` says which file that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pgflexlint.normalize.versions import Version
from pgflexlint.resource import FLEXIBLE_SERVER

SERVER = "@server"
"""In `Child.fields`: the server that the module deploys."""


class Default(NamedTuple):
    """What a module takes for a parameter that its caller leaves out, from one version on until the next row."""

    parameter: str
    value: Any
    since: Version = (0, 1, 0)
    file: str = "main.bicep"

    def source(self, table: Table) -> str:
        """The address of the file that decides it, at the version since which it does."""
        return table.files.format(tag=table.tag(self.since), file=self.file)


class Child(NamedTuple):
    """A parameter that holds further resources: a list or map of objects, or one object."""

    parameter: str
    type: str
    fields: Mapping[str, str]
    """The attributes of the resource: each path in it by the name of the member that it is taken from, or `SERVER`."""
    single: bool = False
    """The parameter is one object, or null for none."""


class Table(NamedTuple):
    """One module."""

    name: str
    parameter_word: str
    """What the language calls a parameter."""
    server: str
    """The type of the server."""
    versions: tuple[Version, ...]
    """The published ones, in order."""
    files: str
    """The address of a file of the module, by `tag` and `file`."""
    defaults: tuple[Default, ...]
    """In the order of versions. A parameter without a row is null by default."""
    settings: Mapping[str, str]
    """The attributes of the server: each path in it by the parameter, or member of one, that it is taken from."""
    children: tuple[Child, ...]

    def tag(self, version: Version) -> str:
        """How the repository spells a version."""
        prefix = "v" if self is TERRAFORM and version >= (0, 2, 0) else ""
        return prefix + ".".join(map(str, version))

    def default(self, parameter: str, version: Version) -> Any:
        """The default of a parameter; None where it is null."""
        rows = (row for row in reversed(self.defaults) if row.parameter == parameter and row.since <= version)
        return next((row.value for row in rows), None)

    @property
    def parameters(self) -> tuple[str, ...]:
        """All that matter, by name."""
        names = [name.partition(".")[0] for name in self.settings.values()]
        names += [child.parameter for child in self.children] + [row.parameter for row in self.defaults]
        return tuple(dict.fromkeys(names))


def _versions(text: str) -> tuple[Version, ...]:
    return tuple((int(major), int(minor), int(patch)) for major, minor, patch in (v.split(".") for v in text.split()))


BICEP = Table(
    name="avm/res/db-for-postgre-sql/flexible-server",
    parameter_word="parameter",
    server=FLEXIBLE_SERVER,
    versions=_versions(
        "0.1.0 0.1.1 0.1.2 0.1.3 0.1.4 0.1.5 0.1.6 0.1.7 0.1.8 0.2.0 0.3.0 0.3.1 0.4.0 0.5.0 0.6.0 0.7.0 0.7.1 0.7.2 "
        "0.8.0 0.8.1 0.9.0 0.9.1 0.10.0 0.10.1 0.10.2 0.11.0 0.12.0 0.12.1 0.13.0 0.13.1 0.13.2 0.14.0 0.15.0 0.15.1 "
        "0.15.2 0.15.3 0.15.4 0.15.5 0.16.0"
    ),
    files="https://github.com/Azure/bicep-registry-modules/blob/avm/res/db-for-postgre-sql/flexible-server/{tag}"
    "/avm/res/db-for-postgre-sql/flexible-server/{file}",
    defaults=(
        Default("version", "15"),
        Default("version", "16", (0, 1, 8)),
        Default("version", "17", (0, 12, 0)),
        Default("version", "18", (0, 15, 1)),
        Default("createMode", "Default"),
        Default("highAvailability", "Disabled"),
        Default("highAvailability", "ZoneRedundant", (0, 2, 0)),
        Default("backupRetentionDays", 7),
        Default("geoRedundantBackup", "Disabled"),
        Default("geoRedundantBackup", "Enabled", (0, 5, 0)),
        Default("publicNetworkAccess", "Disabled", (0, 7, 0)),
        Default("activeDirectoryAuth", "Enabled"),
        Default("passwordAuth", "Disabled"),
        Default("maintenanceWindow", {}),
        Default("maintenanceWindow", {"customWindow": "Enabled"}, (0, 1, 7)),
        Default("serverThreatProtection", "Enabled", (0, 7, 0)),
        Default("enableAdvancedThreatProtection", True, (0, 9, 0)),
        Default("authConfig", {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"}, (0, 14, 0)),
    ),
    settings={
        "name": "name",
        "sku.name": "skuName",
        "sku.tier": "tier",
        "properties.version": "version",
        "properties.createMode": "createMode",
        "properties.administratorLogin": "administratorLogin",
        "properties.administratorLoginPassword": "administratorLoginPassword",
        "properties.authConfig.activeDirectoryAuth": "authConfig.activeDirectoryAuth",
        "properties.authConfig.passwordAuth": "authConfig.passwordAuth",
        "properties.backup.backupRetentionDays": "backupRetentionDays",
        "properties.backup.geoRedundantBackup": "geoRedundantBackup",
        "properties.dataEncryption": "dataEncryption",
        "properties.highAvailability.mode": "highAvailability",
        "properties.maintenanceWindow.customWindow": "maintenanceWindow.customWindow",
        "properties.network.delegatedSubnetResourceId": "delegatedSubnetResourceId",
        "properties.network.privateDnsZoneArmResourceId": "privateDnsZoneArmResourceId",
        "properties.network.publicNetworkAccess": "publicNetworkAccess",
        "properties.sourceServerResourceId": "sourceServerResourceId",
        "properties.storage.autoGrow": "autoGrow",
        "properties.storage.type": "storageType",
    },
    children=(
        Child(
            "configurations",
            f"{FLEXIBLE_SERVER}/configurations",
            {"name": "name", "properties.value": "value", "properties.source": "source"},
        ),
        Child(
            "firewallRules",
            f"{FLEXIBLE_SERVER}/firewallrules",
            {
                "name": "name",
                "properties.startIpAddress": "startIpAddress",
                "properties.endIpAddress": "endIpAddress",
            },
        ),
        Child(
            "administrators",
            f"{FLEXIBLE_SERVER}/administrators",
            {
                "name": "objectId",
                "properties.principalName": "principalName",
                "properties.principalType": "principalType",
            },
        ),
        Child("databases", f"{FLEXIBLE_SERVER}/databases", {"name": "name"}),
        Child(
            "privateEndpoints",
            "microsoft.network/privateendpoints",
            {
                "properties.privateLinkServiceConnections.[].properties.privateLinkServiceId": SERVER,
                "properties.subnet.id": "subnetResourceId",
            },
        ),
        Child(
            "diagnosticSettings",
            "microsoft.insights/diagnosticsettings",
            {
                "properties.workspaceId": "workspaceResourceId",
                "properties.storageAccountId": "storageAccountResourceId",
                "properties.eventHubAuthorizationRuleId": "eventHubAuthorizationRuleResourceId",
                "properties.marketplacePartnerId": "marketplacePartnerResourceId",
            },
        ),
        Child("lock", "microsoft.authorization/locks", {"properties.level": "kind"}, single=True),
        Child(
            "threatProtection",
            f"{FLEXIBLE_SERVER}/advancedthreatprotectionsettings",
            {"name": "name", "properties.state": "serverThreatProtection"},
            single=True,
        ),
    ),
)

PUBLIC_ACCESS_SENT = (0, 11, 0)
"""Since then the Bicep module sends `publicNetworkAccess` for every server; before, only for those in a subnet."""
AUTHENTICATION_DERIVED, AUTHENTICATION_GIVEN = (0, 6, 0), (0, 14, 0)
"""Between these the Bicep module worked the sign-in methods out of the administrators and the password."""
THREAT_PROTECTION = (0, 7, 0)
"""Since then the Bicep module deploys a setting of advanced threat protection."""
THREAT_PROTECTION_NAMED = (0, 15, 5)
"""Since then it has the name that ARM's schema asks for."""
KEY_ROTATED = (0, 13, 2)
"""Since then the Bicep module takes a key without its version, unless a caller asks for one."""
REPLICA_WITHOUT_GEO_BACKUP = (0, 14, 0)
"""Since then the Bicep module sends no geo-redundant backup for a replica."""
LOGS_LEFT_TO_METRICS = (0, 16, 0)
"""Since then a diagnostic setting with metrics and without logs sends no logs."""
PARAMETERS_API = ((0, 15, 4), "2026-01-01-preview")
"""Since that version the Bicep module sets server parameters with this API version."""

PUBLISHED_CHILDREN = {
    "configuration": "configurations",
    "firewall-rule": "firewallRules",
    "administrator": "administrators",
    "advanced-threat-protection-setting": "threatProtection",
}
"""The child modules of the Bicep module that can be called by themselves, each with the parameter that it serves."""

_AZURERM = "azurerm_postgresql_flexible_server"
_SAME = (
    "name", "resource_group_name", "administrator_login", "administrator_password", "administrator_password_wo",
    "auto_grow_enabled", "backup_retention_days", "create_mode", "delegated_subnet_id", "geo_redundant_backup_enabled",
    "private_dns_zone_id", "public_network_access_enabled", "sku_name", "source_server_id",
    "authentication.active_directory_auth_enabled", "authentication.password_auth_enabled",
    "customer_managed_key.key_vault_key_id", "customer_managed_key.primary_user_assigned_identity_id",
    "customer_managed_key.geo_backup_key_vault_key_id", "customer_managed_key.geo_backup_user_assigned_identity_id",
    "high_availability.mode", "maintenance_window",
)  # fmt: skip
"""What the Terraform module names as the provider does."""

TERRAFORM = Table(
    name="Azure/avm-res-dbforpostgresql-flexibleserver/azurerm",
    parameter_word="variable",
    server=_AZURERM,
    versions=_versions("0.1.0 0.1.1 0.1.2 0.1.3 0.1.4 0.2.0 0.2.1 0.2.2 0.2.3"),
    files="https://github.com/Azure/terraform-azurerm-avm-res-dbforpostgresql-flexibleserver/blob/{tag}/{file}",
    defaults=(
        Default("public_network_access_enabled", False, file="variables.server.tf"),
        Default("high_availability", {"mode": "ZoneRedundant"}, file="variables.server.tf"),
        Default(
            "maintenance_window", {"day_of_week": "0", "start_hour": 0, "start_minute": 0}, file="variables.server.tf"
        ),
        Default(
            "firewall_rules",
            {"rule1": {"start_ip_address": "0.0.0.0", "end_ip_address": "255.255.255.255"}},
            (0, 1, 3),
            "variables.firewallrule.tf",
        ),
    ),
    settings={**{name: name for name in _SAME}, "version": "server_version"},
    children=(
        Child(
            "server_configuration",
            f"{_AZURERM}_configuration",
            {"name": "name", "value": "config", "server_id": SERVER},
        ),
        Child(
            "firewall_rules",
            f"{_AZURERM}_firewall_rule",
            {"start_ip_address": "start_ip_address", "end_ip_address": "end_ip_address", "server_id": SERVER},
        ),
        Child(
            "ad_administrator",
            f"{_AZURERM}_active_directory_administrator",
            {"principal_name": "principal_name", "principal_type": "principal_type", "server_name": SERVER},
        ),
        Child("databases", f"{_AZURERM}_database", {"name": "name", "server_id": SERVER}),
        Child(
            "private_endpoints",
            "azurerm_private_endpoint",
            {"private_service_connection.private_connection_resource_id": SERVER, "subnet_id": "subnet_resource_id"},
        ),
        Child(
            "diagnostic_settings",
            "azurerm_monitor_diagnostic_setting",
            {
                "log_analytics_workspace_id": "workspace_resource_id",
                "storage_account_id": "storage_account_resource_id",
                "eventhub_authorization_rule_id": "event_hub_authorization_rule_resource_id",
                "partner_solution_id": "marketplace_partner_resource_id",
                "target_resource_id": SERVER,
            },
        ),
        Child("lock", "azurerm_management_lock", {"lock_level": "kind", "scope": SERVER}, single=True),
    ),
)

NEEDS_CALLER = frozenset({"createMode", "create_mode", "sourceServerResourceId", "source_server_id"})
"""What no version decides without its caller: a replica and a restored server need another server, which a module does
not have."""

OTHER_ADDS = ("private_endpoints",)
"""What a module for another resource may add to a server that it is given: several make private endpoints to any
resource, such as `managedPrivateEndpoints` of the ones for Data Factory."""
MAY_DO_ANYTHING = frozenset({"authorization", "dbforpostgresql", "insights", "resources"})
"""The providers, without hyphens, whose modules may add anything to a server: its own, those of locks and of diagnostic
settings, and the one of deployments and scripts."""
