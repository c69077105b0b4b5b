"""PGF704: nothing protects the server from being deleted."""

from pgflexlint.model import Lock, Server
from pgflexlint.rule import Fail, Level, Rule, Undecided, Verdicts
from pgflexlint.values import Unknown, holds
from pgflexlint_rules._server import elsewhere


def check(server: Server) -> Verdicts:
    """Flag a server without `prevent_destroy` and without a lock on it, its resource group or its subscription."""
    locks = [lock for lock in server.locks if _protects(lock) is not False]
    certain = server.prevent_destroy or any(lock.maybe is None and _protects(lock) for lock in locks)
    if certain or not server.declared:
        return
    unsure = [lock.maybe or lock.level for lock in locks]
    doubts = [doubt for doubt in unsure if isinstance(doubt, Unknown)] + [*server.locks.gaps]
    unseen = elsewhere(server, "a lock")
    doubts += [unseen] if unseen is not None else []
    yield Undecided(doubts[0]) if doubts else Fail(server.header, "missing", (server.label,))


def _protects(lock: Lock) -> bool | None:
    """Whether a lock forbids deletion; the level `NotSpecified` forbids nothing."""
    return holds(lock.level, lambda level: level.casefold() in ("cannotdelete", "readonly"))


RULE = Rule(
    id="PGF704",
    slug="deletion-protection-missing",
    summary="Nothing protects the server from being deleted.",
    level=Level.NOTE,
    security_severity=3.0,
    messages={"missing": "Nothing here protects server '{0}' from being deleted."},
    why="A wrong `destroy`, a cleanup script or a stolen account deletes the server, and days later its backups are "
    "gone as well. A lock has to be removed first, and that needs the rights of an owner.",
    fix_terraform='Add an `azurerm_management_lock` with `lock_level = "CanNotDelete"` and the server\'s `id` as its '
    "`scope`, or set `prevent_destroy = true` in the server's `lifecycle` block, which guards against Terraform only.",
    fix_template="Add a `Microsoft.Authorization/locks` resource with `level: 'CanNotDelete'` and the server as its "
    "`scope` (`parent_id` with azapi). If you remove it from the template, the lock stays.",
    limits="Does not see a lock that another deployment adds, be it on the server, the resource group or the "
    "subscription. Undecided for a server that is only updated (create mode `Update`). A lock in a template counts for "
    "all its servers, whatever resource group a module is deployed to.",
    references=(
        "https://learn.microsoft.com/azure/postgresql/configure-maintain/how-to-enable-deletion-protection",
        "https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources",
    ),
    check=check,
    precision="medium",
    controls=("MCSB BR-2 (by analogy)",),
    peers=("tflint-ruleset-azurerm azurerm_resources_missing_prevent_destroy",),
)
