"""PGF306: the setting of public network access has no effect."""

from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdicts
from pgflexlint.values import Unknown


def check(server: Server) -> Verdicts:
    """Flag a setting of public access that has no effect: a warning if it says off, a note if it says on."""
    network = server.network
    ignored = network.ignored_public_access or network.ignored_doubt
    if not server.declared or ignored is None or network.vnet_integrated:
        return
    if network.vnet_integrated is None and isinstance(network.delegated_subnet, Unknown):
        yield Undecided(network.delegated_subnet)
    elif isinstance(ignored, Unknown):
        yield Undecided(ignored)
    elif ignored.value:
        yield Fail(ignored, "enabled", (server.label, network.ignored_because), Level.NOTE)
    else:
        yield Fail(ignored, "disabled", (server.label, network.ignored_because))


RULE = Rule(
    id="PGF306",
    slug="public-access-setting-ineffective",
    summary="The setting of public network access has no effect.",
    level=Level.WARNING,
    security_severity=6.0,
    messages={
        "disabled": "Public access to server '{0}' stays on: '{1}' cannot switch it off.",
        "enabled": "No effect: public access to server '{0}' is on by default, and '{1}' cannot set it.",
    },
    why="The code says that the server has no public endpoint, so reviewers stop looking, but the server has one. "
    "Every firewall rule that seemed harmless then lets somebody in.",
    fix_terraform="Require azurerm `>= 3.105.0` in `required_providers` and run `terraform init -upgrade`. Check that "
    "the plan changes `public_network_access_enabled`.",
    fix_template="Raise the server's API version to `2024-08-01` or newer (before `2023-06-01-preview` the property is "
    "read-only), or raise the version of the module that sets it. Then deploy again.",
    limits="Azure does not document what it does if a read-only property is sent: it may also refuse the deployment. "
    "Reports nothing for a server in a delegated subnet, which never has a public endpoint.",
    references=("https://learn.microsoft.com/azure/postgresql/network/concepts-networking-public",),
    check=check,
    cwe=(693,),
    controls=("MCSB NS-2 (by analogy)",),
)
