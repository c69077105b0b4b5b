"""PGF601: Microsoft Defender for open-source databases is off."""

from pgflexlint.model import DefenderPlan, Part, Server
from pgflexlint.rule import Fail, Level, Option, Rule, Undecided, Verdicts, forbid
from pgflexlint.values import Unknown, holds
from pgflexlint_rules._defender import is_declared, is_of_databases


def check(part: Part, *, require: bool) -> Verdicts:
    """Flag a plan with the free tier; with `require`, also a server for which no plan is declared."""
    if isinstance(part, DefenderPlan):
        yield from _plan(part)
    elif isinstance(part, Server) and part.declared:
        yield from _server(part, require)


def _plan(plan: DefenderPlan) -> Verdicts:
    ours = is_of_databases(plan)
    if ours is None and isinstance(plan.plan, Unknown) and not holds(plan.enabled, bool):
        yield Undecided(plan.plan)
    elif ours:
        yield from forbid(plan.enabled, lambda on: not on, "free", plan.label)


def _server(server: Server, require: bool) -> Verdicts:
    if is_declared(server):
        return  # whether it is on is said of the plan itself
    plans = [plan for plan in server.defender_plans if is_of_databases(plan) is not False]
    doubts = [plan.plan if isinstance(plan.plan, Unknown) else plan.maybe for plan in plans]
    if not (require and server.whole):
        doubts.append(Unknown("the plan is set for a whole subscription, and not in this deployment", server.header))
    doubts += server.defender_plans.gaps
    doubt = next((doubt for doubt in doubts if doubt is not None), None)
    yield Fail(server.header, "missing", (server.label,)) if doubt is None else Undecided(doubt)


RULE = Rule(
    id="PGF601",
    slug="defender-plan-disabled",
    summary="Microsoft Defender for open-source databases is off.",
    level=Level.WARNING,
    security_severity=5.0,
    messages={
        "free": "Microsoft Defender for open-source databases is off: plan '{0}' has the free tier.",
        "missing": "No plan of Microsoft Defender for open-source databases is declared with server '{0}'.",
    },
    why="Nobody is warned of password spraying, of sign-ins from unusual places and of suspicious queries while they "
    "happen. Logs show them only afterwards, and only to those who look.",
    fix_terraform='Set `tier = "Standard"` on the `azurerm_security_center_subscription_pricing` with `resource_type '
    '= "OpenSourceRelationalDatabases"`. Deleting the resource sets the tier to Free.',
    fix_template="Set `properties.pricingTier` to `'Standard'` on the `Microsoft.Security/pricings` resource named "
    "`OpenSourceRelationalDatabases` (in Bicep with `targetScope = 'subscription'`). If you remove the resource from "
    "the template, the tier stays.",
    limits="Undecided for a server without a plan in the same deployment, because the plan is set once for a "
    "subscription, mostly in another deployment. With `require` it is a finding. Assumes that all servers of a "
    "deployment belong to the plan's subscription.",
    references=("https://learn.microsoft.com/azure/postgresql/security/security-defender-for-cloud",),
    check=check,
    subject=Part,
    options=(Option("require", False, "Whether a deployment that declares a server must declare the plan too."),),
    cwe=(778,),
    policies=("0a9fbe0d-c5c4-4da8-87d8-f4fd77338835", "44433aa3-7ec2-4002-93ea-65c65ff0310a"),
    controls=(
        "CIS Azure Foundations 2.0.0 2.1.6",
        "CIS Azure Foundations 2.1.0 2.1.5",
        "CIS Azure Foundations 3.0.0 3.1.7.2",
        "CIS Azure Foundations 4.0.0 9.1.7.2",
        "CIS Azure Foundations 5.0.0 8.1.7.2",
        "MCSB LT-1",
        "MCSB LT-2",
        "MCSB IR-3",
        "MCSB IR-5",
        "MCSB DP-2",
    ),
    peers=("Trivy AZU-0045 (any plan)",),
)
