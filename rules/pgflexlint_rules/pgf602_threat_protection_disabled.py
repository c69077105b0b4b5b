"""PGF602: advanced threat protection of the server is off."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Undecided, Verdicts, forbid
from pgflexlint.values import Unknown
from pgflexlint_rules._defender import is_declared


def check(server: Server) -> Verdicts:
    """Flag a setting that switches it off. Without a setting, the Defender plan decides, which is PGF601."""
    for setting in server.threat_protection:
        yield from forbid(setting.enabled, lambda on: not on, "off", server.label, part=setting)
    if server.declared and not server.threat_protection and not is_declared(server):
        reason = "the Defender plan of the subscription decides where no setting is declared for the server"
        yield Undecided(next(iter(server.threat_protection.gaps), Unknown(reason, server.header)))


RULE = Rule(
    id="PGF602",
    slug="threat-protection-disabled",
    summary="Advanced threat protection is switched off for the server.",
    level=Level.WARNING,
    security_severity=5.0,
    messages={"off": "Advanced threat protection is switched off for server '{0}'."},
    why="Brute force, unusual sign-ins and suspicious queries raise no alert on this one server, even if the "
    "subscription pays for Microsoft Defender. An attacker who finds it has all the time in the world.",
    fix_terraform='Set `state = "Enabled"` in the `body` of the `azapi_resource` of type '
    "`Microsoft.DBforPostgreSQL/flexibleServers/advancedThreatProtectionSettings`; azurerm has no such resource.",
    fix_template="Set `properties.state` to `'Enabled'` on the child resource `advancedThreatProtectionSettings` named "
    "`Default`. In the Azure Verified Module, set `serverThreatProtection` to `'Enabled'` and "
    "`enableAdvancedThreatProtection` to `true`. If you remove the child resource from the template, the state stays.",
    limits="If no setting is declared, the Defender plan of the subscription decides: undecided, unless the same "
    "deployment declares the plan, which PGF601 then judges. An Azure Verified Module that is told not to deploy the "
    "setting counts as off. A setting that is not named `Default` may not count: undecided if it switches the "
    "protection on.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-defender-for-cloud",),
    check=check,
    cwe=(778,),
    policies=("d38668f5-d155-42c7-ab3d-9b57b50f8fbf", "2a6ae02f-7590-40d7-88ba-b18e205a32fd"),
    controls=("MCSB LT-1", "MCSB LT-2", "MCSB IR-3", "MCSB IR-5"),
    peers=("Checkov CKV_AZURE_128 (single server)", "PSRule AZR-000327 (single server)"),
)
