"""Microsoft's built-in Azure Policy definitions for the service: what each asks, and where pgflexlint differs.

A policy judges what is deployed, where every parameter has a value; a rule judges what is written, where silence means
a default. Read in https://github.com/Azure/azure-policy at f4a50bac (2026-04-29). Which rules ask the same as a policy,
the rules say (`Rule.policies`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote


class Policy(NamedTuple):
    """A built-in definition. Texts are sentences with a full stop."""

    id: str
    name: str
    """Its display name, without the mark of a preview or deprecation, which `version` has too."""
    file: str
    """Below `built-in-policies/policyDefinitions`, without the suffix."""
    version: str
    effect: str
    """The default of its parameter `effect`."""
    compliant: str
    """When a server, or a subscription, is compliant."""
    absent: str
    """What follows where the sources are silent."""
    quirk: str = ""
    """What one would not expect of it."""
    differs: str = ""
    """Where pgflexlint deliberately decides otherwise, and why."""
    without_rule: str = ""
    """Why no rule asks the same; "" where one does."""

    @property
    def url(self) -> str:
        """Where it is published."""
        path = quote(f"built-in-policies/policyDefinitions/{self.file}.json")
        return f"https://github.com/Azure/azure-policy/blob/master/{path}"


_ON_BY_DEFAULT = "Compliant: the parameter is on by default."
_WORDS = "The rule fails only on words that PostgreSQL reads as off. So another spelling of on is not called insecure."
_DIAGNOSTICS = "Non-compliant: nobody sends logs unless a diagnostic setting says so."
_ANY_SETTING = (
    "A diagnostic setting of any name that sends the server's logs to any destination is enough, because the audit "
    "trail is then kept."
)
_GROUPS = (
    "The setting must have exactly one entry for `audit` and one for `allLogs`, enabled as the parameter "
    "`categoryGroup` says, and lead to the %s that the parameter names."
)
_FREE_DESTINATION = "PGF509 asks for the same whatever the destination is, and names the definition for Log Analytics."

POLICIES = (
    Policy(
        "c29c38cb-74a7-4505-9a06-e588ab86620a",
        "Enforce SSL connection should be enabled for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_EnableSSL_AINE",
        "1.0.0",
        "AuditIfNotExists",
        "`require_secure_transport` is `ON`.",
        _ON_BY_DEFAULT,
        differs=_WORDS,
    ),
    Policy(
        "a43d5475-c569-45ce-a268-28fa79f4e87a",
        "PostgreSQL flexible servers should be running TLS version 1.2 or newer",
        "PostgreSQL/FlexibleServers_MinTLS_AINE",
        "1.1.0",
        "AuditIfNotExists",
        "`ssl_min_protocol_version` is `TLSV1.2` or `TLSV1.3`.",
        "Compliant from PostgreSQL 12 on: the default is TLS 1.2.",
        "PostgreSQL 11 has no such parameter and can never comply, although the service refuses TLS below 1.2 "
        "there too.",
        "The rule does not apply to PostgreSQL 11, because nothing could be fixed there.",
    ),
    Policy(
        "12c74c95-0efd-48da-b8d9-2a7d68470c92",
        "PostgreSQL flexible servers should use customer-managed keys to encrypt data at rest",
        "PostgreSQL/FlexibleServers_EnableCMK_AINE",
        "1.1.0",
        "Audit",
        "`dataEncryption.type` is `AzureKeyVault` and `primaryKeyURI` is not empty.",
        "Non-compliant: Azure manages the key.",
        "The name of its file ends in AINE (audit if not exists), but the policy audits or denies. It does not look at "
        "the key of a geo-redundant backup.",
        "The rule is off by default, because data is encrypted either way and not everybody must hold the key. A "
        "server that is made from another one is unknown, because it may take over the key.",
    ),
    Policy(
        "5e1de0e3-42cb-4ebc-a86d-61d0c619ca48",
        "Public network access should be disabled for PostgreSQL flexible servers",
        "SQL/PostgreSQL_FlexibleServers_DisablePublicNetworkAccess_Audit",
        "3.1.0",
        "Audit",
        "The server has both a delegated subnet and a private DNS zone, or neither of them and public network access "
        "that is `Disabled` or not mentioned.",
        "Compliant while a template is checked. A deployed server always has the property, which is `Enabled` by "
        "default.",
        "A request without the property is compliant, but the server that it creates is not.",
        "A property that is left out counts as `Enabled`, because that is what Azure deploys. A subnet alone counts as "
        "private access; another rule judges its DNS zone. `Disabled` does not count under an API version that ignores "
        "it.",
    ),
    Policy(
        "5375a5bb-22c6-46d7-8a43-83417cfb4460",
        "Private endpoint should be enabled for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_EnablePrivateEndPoint_AINE",
        "1.0.0",
        "AuditIfNotExists",
        "One of the server's private endpoint connections is `Approved`.",
        "Non-compliant.",
        "A server in a virtual network cannot have a private endpoint, so it can never comply.",
        "The rule does not apply to a server with a delegated subnet, which is as private. It says nothing while "
        "public access is on, which is a worse finding of its own. It is unknown in a module that no file here calls, "
        "because callers often add the endpoint.",
    ),
    Policy(
        "ce39a96d-bf09-4b60-8c32-e85d52abea0f",
        "A Microsoft Entra administrator should be provisioned for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_ProvisionEntraAdmin_AINE",
        "1.0.0",
        "AuditIfNotExists",
        "The server has an `administrators` child resource.",
        "Non-compliant.",
        "The policy does not look at whether Entra authentication is on.",
        "If Entra authentication is off, only that is a finding, because an administrator is of no use without it. If "
        "it is on, the missing administrator is the finding.",
    ),
    Policy(
        "fa498b91-8a7e-4710-9578-da944c68d1fe",
        "Azure PostgreSQL flexible server should have Microsoft Entra Only Authentication enabled",
        "SQL/PostgreSQL_FlexibleServers_EnableEntraOnlyAuthentication_Audit",
        "1.0.0-preview",
        "Audit",
        "`authConfig.activeDirectoryAuth` is `Enabled` and `authConfig.passwordAuth` is `Disabled`.",
        "Non-compliant: passwords are on by default, and Entra authentication is off.",
        differs="Two rules judge the two halves, because they are fixed separately. Passwords beside Entra "
        "authentication weigh less than passwords alone. A read replica is unknown.",
    ),
    Policy(
        "e27a6dfc-883f-4f9e-97cc-a819fe702400",
        "Azure PostgreSQL flexible server should have Azure Active Directory Only Authentication enabled",
        "SQL/PostgreSQL_FlexibleServers_ADOnlyEnabled_Audit",
        "1.0.0-deprecated",
        "Disabled",
        "Parameter `aad_auth_only` is `ON`.",
        "Non-compliant.",
        "The service has no such parameter any more.",
        without_rule="It is deprecated, because it asks an API that is not supported; PGF403 asks what it meant.",
    ),
    Policy(
        "dacf07fa-0eea-4486-80bc-b93fae88ac40",
        "Connection throttling should be enabled for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_ConnectionThrottling_Enabled_AINE",
        "1.1.0-deprecated",
        "Disabled",
        "`connection_throttle.enable` is `ON`.",
        "Non-compliant: throttling is off by default.",
        "It is deprecated, because PostgreSQL 18 has no such parameter.",
        "The rule does not apply to PostgreSQL 18. It applies to older versions, where throttling works. If nothing is "
        "written, the finding is a note.",
    ),
    Policy(
        "086709ac-11b5-478d-a893-9567a16d2ae3",
        "Log connections should be enabled for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_EnableLogConnections_AINE",
        "1.0.0",
        "AuditIfNotExists",
        "`log_connections` is `ON`.",
        _ON_BY_DEFAULT,
        "PostgreSQL 18 takes a set of words, and a server with `all`, which logs more than `on`, does not comply.",
        "On PostgreSQL 18 any set with a word that logs connections counts as on, because they are then in the log.",
    ),
    Policy(
        "1d14b021-1bae-4f93-b36b-69695e14984a",
        "Disconnections should be logged for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_EnableLogDisconnections_AINE",
        "1.0.1",
        "AuditIfNotExists",
        "`log_disconnections` is `ON`.",
        _ON_BY_DEFAULT,
        differs=_WORDS,
    ),
    Policy(
        "70be9e12-c935-49ac-9bd8-fd64b85c1f87",
        "Log checkpoints should be enabled for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_EnableLogCheckpoint_AINE",
        "1.0.0",
        "AuditIfNotExists",
        "`log_checkpoints` is `ON`.",
        _ON_BY_DEFAULT,
        differs=_WORDS,
    ),
    Policy(
        "f5ed3f7a-cf5d-4ee6-9ede-b5d5192ccf81",
        "Configure logfiles.retention_days to at least 7 days for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_LogRetentionDays_DINE",
        "1.0.0",
        "DeployIfNotExists",
        "`logfiles.retention_days` is at least the parameter `retentionDays`, by default 7.",
        "Non-compliant: the default is 3 days.",
        "7 days are also the most that the parameter takes, and the logs are kept only while "
        "`logfiles.download_enable` is on.",
        "The rule asks for 4 days, as CIS does; an option raises that to 7. It says nothing if a diagnostic setting "
        "keeps the logs, because the parameter then decides nothing. It judges the default only if files are kept at "
        "all.",
    ),
    Policy(
        "4eb5e667-e871-4292-9c5d-8bbb94e0c908",
        "Auditing with PgAudit should be enabled for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_EnablePgAudit_AINE",
        "1.0.0",
        "AuditIfNotExists",
        "`pgaudit.log` is not `none`.",
        "Non-compliant: the default is `none`.",
        "It passes although the library is not loaded, so that nothing is audited.",
        "The rule also asks that the library is loaded and the extension allowed, because nothing is audited "
        "otherwise. Whatever is missing is one finding.",
    ),
    Policy(
        "dd626066-39f5-4f72-aba8-06a99fabf278",
        "Configure shared_preload_libraries to include pgaudit for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_EnablePgAudit_DINE",
        "1.0.0",
        "DeployIfNotExists",
        "`shared_preload_libraries` contains `pgaudit`.",
        "Non-compliant: the library is not loaded by default.",
        "The policy overwrites the whole list with `pgaudit`. So `pg_cron` and others are no longer loaded, and code "
        "that sets the list sees a drift.",
        "The rule asks for the whole chain: the library is loaded, the extension is allowed, and `pgaudit.log` is set. "
        "Its advice is to append to the list.",
    ),
    Policy(
        "eadbb524-8644-4a87-8af6-549e1d125982",
        "Configure pgaudit.log to include role, ddl, and misc for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_PgAuditLog_DINE",
        "1.0.0",
        "DeployIfNotExists",
        "`pgaudit.log` contains `role` and `ddl`.",
        "Non-compliant: the default is `none`.",
        "It only searches the text for `role` and `ddl`. So `all` is not compliant, and `misc`, which its name asks "
        "for, is not needed.",
        "`all` passes, because it includes every class. Words are compared as a whole. If pgaudit is not switched on "
        "altogether, that is another finding. An option asks for `misc` as well.",
    ),
    Policy(
        "3bf854e8-b34a-47fe-9f81-bc558c82b3bd",
        "Configure log_line_prefix with key identifiers for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_LogLinePrefix_DINE",
        "1.0.0",
        "DeployIfNotExists",
        "`log_line_prefix` contains `%u` and `%d`.",
        "Non-compliant: the default is `%t-%c-`.",
        differs="Padding, such as in `%-10u`, counts as well, and a percent sign that is escaped, as in `%%u`, does "
        "not.",
    ),
    Policy(
        "78ed47da-513e-41e9-a088-e829b373281d",
        "Deploy Diagnostic Settings for PostgreSQL flexible servers to Log Analytics workspace",
        "PostgreSQL/FlexibleServers_DiagnosticSettings_LogAnalytics_DINE",
        "1.0.0",
        "DeployIfNotExists",
        "A diagnostic setting of the name that the parameter gives has exactly one entry `allLogs` that is "
        "enabled, and metrics that are not.",
        _DIAGNOSTICS,
        "The same setting under another name, or with metrics, is not compliant, and which workspace it leads to "
        "is not looked at.",
        _ANY_SETTING,
    ),
    Policy(
        "cdd1dbc6-0004-4fcd-afd7-b67550de37ff",
        "Enable logging by category group for PostgreSQL flexible server "
        "(microsoft.dbforpostgresql/flexibleservers) to Log Analytics",
        "Monitoring/DiagSettings_logAnalytics_postgresql-flexserver_DINE",
        "1.0.0",
        "DeployIfNotExists",
        "A diagnostic setting sends the chosen category group, by default `audit`, to the workspace that the parameter "
        "names.",
        _DIAGNOSTICS,
        _GROUPS % "workspace",
        _ANY_SETTING,
    ),
    Policy(
        "5fbd326d-328c-414e-a922-2d6963998962",
        "Enable logging by category group for microsoft.dbforpostgresql/flexibleservers to Log Analytics",
        "Monitoring/DS_LA_dbforpostgresql-flexibleservers_DINE",
        "1.0.0",
        "DeployIfNotExists",
        "A diagnostic setting sends the chosen category group, by default `audit`, to the workspace that the parameter "
        "names.",
        _DIAGNOSTICS,
        _GROUPS % "workspace",
        _ANY_SETTING,
        without_rule="It asks the same as `cdd1dbc6-0004-4fcd-afd7-b67550de37ff`, which PGF509 names.",
    ),
    Policy(
        "bd0079c6-6f2d-42f4-9cee-e23930968f10",
        "Enable logging by category group for microsoft.dbforpostgresql/flexibleservers to Event Hub",
        "Monitoring/DS_EH_dbforpostgresql-flexibleservers_DINE",
        "1.0.0",
        "DeployIfNotExists",
        "A diagnostic setting sends the chosen category group, by default `audit`, to the event hub that the parameter "
        "names.",
        _DIAGNOSTICS,
        _GROUPS % "event hub",
        _ANY_SETTING,
        without_rule=_FREE_DESTINATION,
    ),
    Policy(
        "499b7900-f44e-40ea-b8d3-2f3cf75f2ca4",
        "Enable logging by category group for microsoft.dbforpostgresql/flexibleservers to Storage",
        "Monitoring/DS_ST_dbforpostgresql-flexibleservers_DINE",
        "1.0.0",
        "DeployIfNotExists",
        "A diagnostic setting sends the chosen category group, by default `audit`, to the storage account that the "
        "parameter names.",
        _DIAGNOSTICS,
        _GROUPS % "storage account",
        _ANY_SETTING,
        without_rule=_FREE_DESTINATION,
    ),
    Policy(
        "d38668f5-d155-42c7-ab3d-9b57b50f8fbf",
        "Azure Defender for SQL should be enabled for unprotected PostgreSQL flexible servers",
        "Security Center/PostgreSQL_FlexibleServers_DefenderForSQL_Audit",
        "1.0.0",
        "AuditIfNotExists",
        "`advancedThreatProtectionSettings/Default` has the state `Enabled`.",
        "Non-compliant if the subscription's plan does not switch it on.",
        differs="The rule judges only a setting that is written. If nothing is written, there is no finding, because "
        "the plan of the subscription switches it on.",
    ),
    Policy(
        "2a6ae02f-7590-40d7-88ba-b18e205a32fd",
        "Configure Advanced Threat Protection to be enabled on Azure database for PostgreSQL flexible servers",
        "Security Center/DeployAtpOnPostgreSqlFlexibleServers_DINE",
        "1.1.0",
        "DeployIfNotExists",
        "`advancedThreatProtectionSettings/Default` has the state `Enabled`.",
        "Non-compliant if the subscription's plan does not switch it on; then the policy does.",
        differs="The rule judges only a setting that is written. If nothing is written, there is no finding, because "
        "the plan of the subscription switches it on.",
    ),
    Policy(
        "0a9fbe0d-c5c4-4da8-87d8-f4fd77338835",
        "Azure Defender for open-source relational databases should be enabled",
        "Security Center/ASC_EnableAzureDefenderOnOpenSourceRelationalDatabases_Audit",
        "1.0.0",
        "AuditIfNotExists",
        "The subscription's `pricings/OpenSourceRelationalDatabases` has the tier `Standard`.",
        "Non-compliant: the tier is `Free` by default.",
        "It is about the subscription, not about a server.",
        "If nothing is written, there is no finding unless an option asks for the plan: the plans of a subscription "
        "are usually declared elsewhere.",
    ),
    Policy(
        "44433aa3-7ec2-4002-93ea-65c65ff0310a",
        "Configure Azure Defender for open-source relational databases to be enabled",
        "Security Center/ASC_Azure_Defender_OpenSourceRelationalDatabases_DINE",
        "1.0.0",
        "DeployIfNotExists",
        "The subscription's `pricings/OpenSourceRelationalDatabases` has the tier `Standard`.",
        "Non-compliant: the tier is `Free` by default; the policy then sets it.",
        differs="If nothing is written, there is no finding unless an option asks for the plan, because the plans of a "
        "subscription are usually declared elsewhere.",
    ),
    Policy(
        "cee2f9fd-3968-44be-a863-bd62c9884423",
        "Geo-redundant backup should be enabled for Azure Database for PostgreSQL flexible servers",
        "PostgreSQL/FlexibleServers_GeoRedundant_Audit",
        "1.0.0",
        "Audit",
        "`backup.geoRedundantBackup` is `Enabled`.",
        "Non-compliant: it is off by default.",
        "Read replicas, which have no backups, can never comply.",
        "Does not apply to a read replica. A server that is made from another one is unknown, because it may bring the "
        "setting along.",
    ),
    Policy(
        "493c215d-2553-4976-bc81-57d2c04fc8c1",
        "Azure Database for PostgreSQL Flexible Server should be Zone Resilient",
        "Resilience/DBForPostgreSql_flexibleServers_ZoneResilient_Audit",
        "1.0.0-preview",
        "Audit",
        "`highAvailability.mode` is `ZoneRedundant` or `SameZone`; only the first where the parameter `allow` is "
        "`Redundant`.",
        "Non-compliant: high availability is off by default.",
        "Servers of the burstable tier and read replicas can never comply.",
        "Does not apply to the burstable tier and to read replicas, which cannot have it.",
    ),
    Policy(
        "a8f89ff4-3d6e-4d7b-8c5a-2e9b1f4c8d3a",
        "Configure PostgreSQL flexible server to enable specified configuration",
        "PostgreSQL/FlexibleServers_ConfigurationEnabled_DINE",
        "1.0.0",
        "DeployIfNotExists",
        "The chosen one of `log_checkpoints`, `log_connections`, `log_disconnections`, "
        "`connection_throttle.enable` and `require_secure_transport` is `ON`.",
        "Compliant, except for `connection_throttle.enable`, which is off by default.",
        "On PostgreSQL 18 `log_connections` with `all` does not comply, and `connection_throttle.enable` does "
        "not exist.",
        _WORDS,
    ),
    Policy(
        "a7d3e5b1-8c4f-4a2b-9d6e-1f3c5a8b2e7d",
        "Configure PostgreSQL flexible server configuration to specified value",
        "PostgreSQL/FlexibleServers_ConfigurationValue_DINE",
        "1.0.0",
        "DeployIfNotExists",
        "The parameter that is chosen has the value that is chosen.",
        "Depends on the parameter and its default.",
        without_rule="What it asks is up to whoever assigns it.",
    ),
)
"""In the order of the rules that ask the same."""

BY_ID: Mapping[str, Policy] = {policy.id: policy for policy in POLICIES}
