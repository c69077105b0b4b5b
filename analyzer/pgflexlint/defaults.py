"""What the platform applies where the sources are silent, each default with its source.

Those of properties are a table here; those of server parameters are read from what `parameters` knows of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from pgflexlint.parameters import SUPPORTED_VERSIONS, rows
from pgflexlint.source import Span
from pgflexlint.values import Known, Origin, Unknown, Value

_LEARN = "https://learn.microsoft.com/azure/postgresql"
_IN_DATABASE = "https://github.com/cyrilgdn/terraform-provider-postgresql/blob/v1.26.0/postgresql"
_REGISTRY = "https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources"
_PROVIDER = f"{_REGISTRY}/postgresql_flexible_server"
_RANDOM = "https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources"


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
    PropertyRow("grant_objects", (), f"{_IN_DATABASE}/resource_postgresql_grant.go"),
    PropertyRow("grant_owner", None, f"{_IN_DATABASE}/resource_postgresql_default_privileges.go"),
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
    by_version = _defaults(name)
    if not rows(name):
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


def _defaults(name: str) -> dict[str, str | None]:
    """The defaults of a parameter by version; one that depends on the size of the server is none."""
    return {
        str(major): row.default
        for row in rows(name)
        if row.type is None or row.default is not None
        for major in range(row.first, row.last + 1)
    }
