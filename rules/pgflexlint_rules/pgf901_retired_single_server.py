"""PGF901: the resource belongs to the retired single server."""

from pgflexlint.model import RetiredServer
from pgflexlint.rule import Fail, Level, Rule, Verdicts


def check(resource: RetiredServer) -> Verdicts:
    """Flag every resource of the single server."""
    yield Fail(resource.header, "retired", (resource.label, resource.type))


RULE = Rule(
    id="PGF901",
    slug="retired-single-server",
    summary="The resource belongs to the retired single server.",
    level=Level.ERROR,
    security_severity=7.0,
    messages={"retired": "A retired service is used: '{0}' is a '{1}', which belongs to the single server."},
    why="Azure has retired the single server, so it gets no fixes, and a new one cannot be created. The azurerm "
    "provider dropped its resources in version 5.0, so the code stops working with the next upgrade.",
    fix_terraform="Migrate to `azurerm_postgresql_flexible_server` and its `azurerm_postgresql_flexible_server_*` "
    "parts.",
    fix_template="Migrate to `Microsoft.DBforPostgreSQL/flexibleServers` and its child resources.",
    limits="Does not judge the settings of a single server. The other rules look at flexible servers only.",
    references=("https://learn.microsoft.com/azure/postgresql/migrate/whats-happening-to-postgresql-single-server",),
    check=check,
    subject=RetiredServer,
    precision="very-high",
    cwe=(1104,),
    controls=("MCSB PV-6 (by analogy)",),
)
