"""PGF904: settings are combined that Azure refuses or ignores together."""

from typing import Any, TypeAlias

from pgflexlint.model import Server
from pgflexlint.rule import Fail, Level, Related, Rule, Undecided, Verdicts
from pgflexlint.values import Known, Origin, Unknown, Value, holds
from pgflexlint_rules._words import spoken

Condition: TypeAlias = tuple[bool | None, Value[Any]]


def check(server: Server) -> Verdicts:
    """Flag each pair of settings that exclude each other, at the setting that a person would change."""
    if not server.declared:
        return
    tier, standby, backup = server.tier, server.high_availability, server.backup.geo_redundant
    burstable = (holds(tier, lambda name: name == "Burstable"), tier)
    available = (holds(standby, lambda mode: mode != "Disabled"), standby)
    replica = (server.replica, server.create_mode)
    copied = (holds(backup, bool), backup)
    label = server.label
    if not server.replica:  # a replica has a message of its own
        yield from _refused(Fail(standby, "standby_burstable", (label, spoken(standby))), burstable, available)
    yield from _refused(Fail(standby, "standby_replica", (label, spoken(standby))), replica, available)
    yield from _refused(Fail(backup, "backup_replica", (label,)), replica, copied)
    yield from _refused(Fail(tier, "replica_burstable", (label,)), replica, burstable)
    yield from _replicated(server, burstable)
    yield from _in_subnet(server)


def _refused(fail: Fail, *conditions: Condition) -> Verdicts:
    """The failure if all conditions hold; undecided if they may hold."""
    answers = [answer for answer, _ in conditions]
    doubt = next((value for answer, value in conditions if answer is None), None)
    if False not in answers:
        yield Undecided(doubt) if isinstance(doubt, Unknown) else fail


def _replicated(server: Server, burstable: Condition) -> Verdicts:
    """A server with declared replicas must not be Burstable."""
    certain = server.replicas.certain
    for replica in certain[:1] or server.replicas.items[:1]:
        related = tuple(Related(each.header, "The replica is declared here.") for each in certain)
        fail = Fail(server.tier, "replicated_burstable", (server.label, replica.label), related=related)
        there: Condition = (True, server.tier) if replica.maybe is None else (None, replica.maybe)
        yield from _refused(fail, burstable, there)


def _in_subnet(server: Server) -> Verdicts:
    """A server in a delegated subnet cannot have private endpoints or public access."""
    network = server.network
    subnet, access = network.delegated_subnet, network.public_access
    integrated = (network.vnet_integrated, subnet)
    related = (Related(subnet.span, "The server is put into a subnet here."),)
    for endpoint in server.private_endpoints:
        names = (endpoint.label, server.label)
        yield from _refused(Fail(endpoint.header, "endpoint_subnet", names, part=endpoint, related=related), integrated)
    if not (isinstance(access, Known) and access.origin is Origin.DEFAULT):
        public = (holds(access, bool), access)
        yield from _refused(Fail(access, "public_subnet", (server.label,), related=related), integrated, public)


RULE = Rule(
    id="PGF904",
    slug="unsupported-combination",
    summary="Settings are combined that Azure refuses or ignores together.",
    level=Level.WARNING,
    security_severity=4.0,
    messages={
        "standby_burstable": "High availability '{1}' is set for server '{0}', whose Burstable tier has none.",
        "standby_replica": "High availability '{1}' is set for server '{0}', but a read replica has none.",
        "backup_replica": "Geo-redundant backup is on for server '{0}', but a read replica has no backups.",
        "replica_burstable": "A read replica needs more than the Burstable tier, which server '{0}' has.",
        "replicated_burstable": "A server with read replicas needs more than the Burstable tier of '{0}'. Its replica "
        "is '{1}'.",
        "endpoint_subnet": "Private endpoint '{0}' leads to server '{1}', which cannot have one in a delegated subnet.",
        "public_subnet": "Public access is switched on for server '{0}', which has no public endpoint in its subnet.",
    },
    why="Azure rejects the deployment, often after it has changed other resources, or drops one of the settings "
    "without a word. A standby or a private path that somebody relies on is then not there.",
    fix_terraform="Change one of the two settings: use a larger `sku_name` (`GP_…`, `MO_…`), remove the "
    "`high_availability` block or the `azurerm_private_endpoint`, or set `geo_redundant_backup_enabled = false` or "
    "`public_network_access_enabled = false`. A change of the subnet or of geo-redundant backup re-creates the server.",
    fix_template="Change one of the two settings: use a larger `sku.tier`, remove the "
    "`Microsoft.Network/privateEndpoints`, or set `highAvailability.mode: 'Disabled'`, `geoRedundantBackup: "
    "'Disabled'` or `publicNetworkAccess: 'Disabled'`. If a property is left out, an existing server keeps what it "
    "has.",
    limits="Judges what one deployment writes together. Does not report public access that is not written, although "
    "azurerm 3.105 and newer send it as on, which Azure refuses for a server in a subnet.",
    references=(
        "https://learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas",
        "https://learn.microsoft.com/azure/postgresql/high-availability/concepts-high-availability",
        "https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private-link",
    ),
    check=check,
)
