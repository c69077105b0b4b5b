"""What the platform applies where the sources are silent: one table, each row with its source."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from pgflexlint.source import Span
from pgflexlint.values import Known, Origin, Unknown, Value

SUPPORTED_VERSIONS = tuple(str(major) for major in range(11, 19))
"""The PostgreSQL major versions that the table covers."""

_PARAMETERS = "https://github.com/MicrosoftDocs/azure-databases-docs/blob/main/articles/postgresql/server-parameters"
_LEARN = "https://learn.microsoft.com/azure/postgresql"
_IN_DATABASE = "https://github.com/cyrilgdn/terraform-provider-postgresql/blob/v1.26.0/postgresql"
_REGISTRY = "https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources"
_PROVIDER = f"{_REGISTRY}/postgresql_flexible_server"
_RANDOM = "https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources"


class ParameterRow(NamedTuple):
    """The default of a server parameter on a range of major versions."""

    name: str
    default: str | None
    """None: these versions have no such parameter."""
    page: str
    """The last part of the name of the documentation page, which there is one of for each version."""
    first: int = 11
    last: int = 18

    @property
    def source(self) -> str:
        """Where the default is documented, for the newest version of the row."""
        return f"{_PARAMETERS}/includes/param-{self.last}-{self.page}.md"


_AUTHENTICATION = "connections-authentication-authentication"
_SSL = "connections-authentication-ssl"
_WHAT = "reporting-logging-what-log"
_WHEN = "reporting-logging-when-log"
_CUSTOM = "customized-options"
_PRELOAD = "client-connection-defaults-shared-library-preloading"
_STATEMENT = "client-connection-defaults-statement-behavior"

PARAMETER_DEFAULTS = (
    ParameterRow("require_secure_transport", "on", "tls"),
    ParameterRow("ssl_min_protocol_version", None, _SSL, 11, 11),
    ParameterRow("ssl_min_protocol_version", "TLSv1.2", _SSL, 12),
    ParameterRow("ssl_max_protocol_version", None, _SSL, 11, 11),
    ParameterRow("ssl_max_protocol_version", "", _SSL, 12),
    ParameterRow("password_encryption", "md5", _AUTHENTICATION, 11, 13),
    ParameterRow("password_encryption", "scram-sha-256", _AUTHENTICATION, 14),
    ParameterRow("azure.accepted_password_auth_method", "md5", _CUSTOM, 11, 13),
    ParameterRow("azure.accepted_password_auth_method", "md5,scram-sha-256", _CUSTOM, 14),
    ParameterRow("connection_throttle.enable", "off", _CUSTOM, 11, 17),
    ParameterRow("connection_throttle.enable", None, _CUSTOM, 18),
    ParameterRow("log_checkpoints", "on", _WHAT),
    ParameterRow("log_connections", "on", _WHAT),
    ParameterRow("log_disconnections", "on", _WHAT),
    ParameterRow("log_duration", "off", _WHAT),
    ParameterRow("log_error_verbosity", "default", _WHAT),
    ParameterRow("log_line_prefix", "%t-%c-", _WHAT),
    ParameterRow("log_parameter_max_length_on_error", "0", _WHAT, 13),
    ParameterRow("log_statement", "none", _WHAT),
    ParameterRow("log_min_duration_statement", "-1", _WHEN),
    ParameterRow("log_min_error_statement", "error", _WHEN),
    ParameterRow("log_min_messages", "warning", _WHEN),
    ParameterRow("logfiles.download_enable", "off", _CUSTOM),
    ParameterRow("logfiles.retention_days", "3", _CUSTOM),
    ParameterRow("shared_preload_libraries", "pg_cron,pg_stat_statements", _PRELOAD, 11, 13),
    ParameterRow("shared_preload_libraries", "pg_cron,pg_stat_statements", _PRELOAD, 16, 16),
    ParameterRow("shared_preload_libraries", "pg_stat_statements", _PRELOAD, 17, 17),
    ParameterRow("shared_preload_libraries", "pg_cron,pg_stat_statements", _PRELOAD, 18),
    ParameterRow("azure.extensions", "", _CUSTOM),
    ParameterRow("pgaudit.log", "none", _CUSTOM),
    ParameterRow("pgaudit.log_client", "off", _CUSTOM),
    ParameterRow("pgaudit.log_level", "log", _CUSTOM),
    ParameterRow("pgaudit.log_parameter", "off", _CUSTOM),
    ParameterRow("pgaudit.log_statement", None, _CUSTOM, 11, 11),
    ParameterRow("pgaudit.log_statement", "on", _CUSTOM, 14),
    ParameterRow("pgaudit.log_statement_once", "off", _CUSTOM),
    ParameterRow("row_security", "on", _STATEMENT),
    ParameterRow("azure_storage.allow_network_access", None, _CUSTOM, 11, 11),
    ParameterRow("azure_storage.allow_network_access", "on", _CUSTOM, 12, 17),
    ParameterRow("azure_storage.public_account_access", None, _CUSTOM, 11, 11),
    ParameterRow("azure_storage.public_account_access", "on", _CUSTOM, 12, 17),
)
"""A version that no row of a parameter covers is one for which no source could be found."""


class PropertyRow(NamedTuple):
    """The default of a property of the server, or of what belongs to it."""

    name: str
    default: Any
    source: str


PROPERTY_DEFAULTS = (
    PropertyRow("public_network_access", True, f"{_PROVIDER}#public_network_access_enabled"),
    PropertyRow("delegated_subnet", None, f"{_LEARN}/network/concepts-networking-public"),
    PropertyRow("private_dns_zone", None, f"{_LEARN}/network/concepts-networking-public"),
    PropertyRow("password_authentication", True, f"{_PROVIDER}#password_auth_enabled"),
    PropertyRow("entra_authentication", False, f"{_PROVIDER}#active_directory_auth_enabled"),
    PropertyRow("backup_retention_days", 7, f"{_LEARN}/backup-restore/concepts-backup-restore"),
    PropertyRow("geo_redundant_backup", False, f"{_PROVIDER}#geo_redundant_backup_enabled"),
    PropertyRow("high_availability", "Disabled", f"{_LEARN}/high-availability/concepts-high-availability"),
    PropertyRow("create_mode", "Default", f"{_PROVIDER}#create_mode"),
    PropertyRow("auto_grow", False, f"{_PROVIDER}#auto_grow_enabled"),
    PropertyRow("storage_type", None, f"{_LEARN}/configure-maintain/concepts-storage-premium-ssd-v2"),
    PropertyRow("customer_managed_key", None, f"{_LEARN}/security/security-data-encryption"),
    PropertyRow("purge_protection", False, "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview"),
    PropertyRow("defender_plan", "VirtualMachines", f"{_REGISTRY}/security_center_subscription_pricing#resource_type"),
    PropertyRow("maintenance_window", False, f"{_LEARN}/configure-maintain/concepts-maintenance"),
    PropertyRow("client_sslmode", "require", "https://pkg.go.dev/github.com/lib/pq#hdr-Connection_String_Parameters"),
    PropertyRow("generated_class", True, f"{_RANDOM}/password"),
    PropertyRow("key_vault_secret_expiry", None, f"{_REGISTRY}/key_vault_secret#expiration_date"),
    PropertyRow("role_attribute", False, f"{_IN_DATABASE}/resource_postgresql_role.go"),
    PropertyRow("role_memberships", (), f"{_IN_DATABASE}/resource_postgresql_role.go"),
    PropertyRow("role_password", None, f"{_IN_DATABASE}/resource_postgresql_role.go"),
    PropertyRow("role_valid_until", "infinity", f"{_IN_DATABASE}/resource_postgresql_role.go"),
    PropertyRow("admin_option", False, f"{_IN_DATABASE}/resource_postgresql_grant_role.go"),
    PropertyRow("grant_option", False, f"{_IN_DATABASE}/resource_postgresql_grant.go"),
    PropertyRow("grant_schema", None, f"{_IN_DATABASE}/resource_postgresql_grant.go"),
    PropertyRow("schema_policy_role", "public", f"{_IN_DATABASE}/resource_postgresql_schema.go"),
    PropertyRow("schema_policy", False, f"{_IN_DATABASE}/resource_postgresql_schema.go"),
)
_PROPERTIES = {row.name: row.default for row in PROPERTY_DEFAULTS}


def property_default(name: str, header: Span) -> Known[Any]:
    """What property `name` of a server is when nobody sets it; `KeyError` where the table lacks it."""
    return Known(_PROPERTIES[name], header, origin=Origin.DEFAULT)


def parameter_default(name: str, version: Value[str], header: Span) -> Value[str | None]:
    """What server parameter `name` is on a server of a PostgreSQL version when nobody sets it.

    `Known(None)` where the version has no such parameter.
    """
    by_version = _parameter(name)
    if not by_version:
        return Unknown(f"'{name}' is not in the table of defaults", header)
    if isinstance(version, Known):
        if version.value in by_version:
            return Known(by_version[version.value], header, origin=Origin.DEFAULT)
        return Unknown(f"Azure's default of '{name}' for PostgreSQL '{version.value}' is not documented", header)
    majors: Iterable[str] = [candidate.value for candidate in version.candidates] or SUPPORTED_VERSIONS
    documented = [by_version[major] for major in majors if major in by_version]
    defaults = tuple(Known(value, header, origin=Origin.DEFAULT) for value in dict.fromkeys(documented))
    complete = len(documented) == len(list(majors))
    if complete and len(defaults) == 1:
        return defaults[0]
    reason = f"the default of '{name}' depends on the PostgreSQL version, which is not known because {version.reason}"
    return Unknown(reason, header, version.trace, defaults if complete else ())


@cache
def _parameter(name: str) -> dict[str, str | None]:
    rows = [row for row in PARAMETER_DEFAULTS if row.name == name]
    return {str(major): row.default for row in rows for major in range(row.first, row.last + 1)}
