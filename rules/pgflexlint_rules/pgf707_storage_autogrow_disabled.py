"""PGF707: the storage does not grow by itself."""

from pgflexlint.model import Server
from pgflexlint.rule import Level, Rule, Verdicts
from pgflexlint_rules._server import forbid_property, provided

GROWS = "premium_lrs"
"""The only type of storage that can grow, and the default type."""


def check(server: Server) -> Verdicts:
    """Flag growth that is off, also by default, if the type of storage can grow."""
    can_grow = server.storage.type.map(lambda name: (name or GROWS).lower() == GROWS)
    off = forbid_property(server, server.storage.auto_grow, lambda on: not on, "off", server.label)
    yield from provided(can_grow, off)


RULE = Rule(
    id="PGF707",
    slug="storage-autogrow-disabled",
    summary="The server's storage does not grow by itself.",
    level=Level.NOTE,
    security_severity=1.5,
    messages={"off": "Storage of server '{0}' does not grow when it is nearly full."},
    why="When the storage is nearly full, Azure makes the server read-only, and every write of the application fails. "
    "An import that went wrong or a table that nobody cleans up is enough for that.",
    fix_terraform="Set `auto_grow_enabled = true`. Storage never shrinks again, so add an alert on its use to learn "
    "why it grows.",
    fix_template="Set `properties.storage.autoGrow` to `'Enabled'`. Without the property, an existing server keeps its "
    "setting. Storage that has grown never shrinks again.",
    limits="Does not apply to Premium SSD v2 and Ultra disks, which cannot grow by themselves; azurerm has no argument "
    "for the storage type. Storage does not grow for write-ahead logs. Undecided for a read replica and for a restored "
    "server, because either may take the setting from its source.",
    references=("https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-storage-premium-ssd",),
    check=check,
    default=False,
)
