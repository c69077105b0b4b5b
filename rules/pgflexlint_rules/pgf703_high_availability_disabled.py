"""PGF703: the server has no standby."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Option, Rule, Verdicts
from pgflexlint.values import holds
from pgflexlint_rules._server import forbid_property, provided


def check(server: Server, *, require: str) -> Verdicts:
    """Flag high availability that is off, also by default, unless the tier is Burstable or the server is a replica."""
    if server.replica:
        return
    capable = server.tier.map(lambda name: name != "Burstable")
    mode, zones = server.high_availability, require == "ZoneRedundant"
    message = "zone" if zones and holds(mode, lambda word: word == "SameZone") else "off"
    too_little = ("Disabled", "SameZone") if zones else ("Disabled",)
    yield from provided(capable, forbid_property(server, mode, lambda word: word in too_little, message, server.label))


RULE = Rule(
    id="PGF703",
    slug="high-availability-disabled",
    summary="The server has no standby.",
    level=Level.NOTE,
    security_severity=3.0,
    messages={
        "off": "No standby takes over when server '{0}' fails.",
        "zone": "No standby takes over when the zone of server '{0}' fails.",
    },
    why="When the machine or its zone fails, the database is down until Azure has started it again elsewhere, which "
    "takes minutes at best. A standby takes over by itself and loses nothing.",
    fix_terraform='Add `high_availability { mode = "ZoneRedundant" }` (or `"SameZone"` where the region has no zones).',
    fix_template="Set `properties.highAvailability.mode` to `'ZoneRedundant'` (or `'SameZone'` where the region has "
    "no zones).",
    limits="Does not apply to the Burstable tier, which has no high availability, nor to read replicas. Any standby "
    "passes, even one in the same zone, unless `require` is set.",
    references=("https://learn.microsoft.com/azure/postgresql/high-availability/concepts-high-availability",),
    check=check,
    options=(
        Option("require", "any", "Which standby is enough: `any`, or `ZoneRedundant`.", pattern="any|ZoneRedundant"),
    ),
    policies=("493c215d-2553-4976-bc81-57d2c04fc8c1",),
    peers=("PSRule AZR-000434",),
)
