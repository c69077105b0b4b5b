"""The rules of pgflexlint, one file each."""

from __future__ import annotations

from pgflexlint.rule import Rule
from pgflexlint_rules import (
    pgf101_secure_transport_disabled,
    pgf102_tls_min_version_weak,
    pgf103_tls_max_version_capped,
    pgf301_firewall_open_to_internet,
    pgf302_firewall_range_too_wide,
    pgf303_firewall_allows_azure_services,
    pgf304_firewall_rule_latent,
    pgf305_public_network_access_enabled,
    pgf306_public_access_setting_ineffective,
    pgf307_private_endpoint_missing,
    pgf308_private_endpoint_with_public_access,
    pgf309_firewall_range_invalid,
    pgf401_entra_auth_disabled,
    pgf402_entra_admin_missing,
    pgf403_password_auth_enabled,
    pgf406_connection_throttle_disabled,
    pgf407_hardcoded_password,
    pgf501_log_connections_disabled,
    pgf502_log_disconnections_disabled,
    pgf503_log_checkpoints_disabled,
    pgf701_geo_redundant_backup_disabled,
    pgf702_backup_retention_short,
    pgf703_high_availability_disabled,
    pgf901_retired_single_server,
)

RULES: tuple[Rule, ...] = (
    pgf101_secure_transport_disabled.RULE,
    pgf102_tls_min_version_weak.RULE,
    pgf103_tls_max_version_capped.RULE,
    pgf301_firewall_open_to_internet.RULE,
    pgf302_firewall_range_too_wide.RULE,
    pgf303_firewall_allows_azure_services.RULE,
    pgf304_firewall_rule_latent.RULE,
    pgf305_public_network_access_enabled.RULE,
    pgf306_public_access_setting_ineffective.RULE,
    pgf307_private_endpoint_missing.RULE,
    pgf308_private_endpoint_with_public_access.RULE,
    pgf309_firewall_range_invalid.RULE,
    pgf401_entra_auth_disabled.RULE,
    pgf402_entra_admin_missing.RULE,
    pgf403_password_auth_enabled.RULE,
    pgf406_connection_throttle_disabled.RULE,
    pgf407_hardcoded_password.RULE,
    pgf501_log_connections_disabled.RULE,
    pgf502_log_disconnections_disabled.RULE,
    pgf503_log_checkpoints_disabled.RULE,
    pgf701_geo_redundant_backup_disabled.RULE,
    pgf702_backup_retention_short.RULE,
    pgf703_high_availability_disabled.RULE,
    pgf901_retired_single_server.RULE,
)
"""Every rule, in the order of the ids. A test proves that no file is left out."""
