"""The plan of Microsoft Defender that protects the servers of a subscription."""

from __future__ import annotations

from pgflexlint.model import DefenderPlan, Server
from pgflexlint.values import holds

PLAN = "opensourcerelationaldatabases"


def is_of_databases(plan: DefenderPlan) -> bool | None:
    """Whether a plan protects the servers; None where its name is unknown."""
    return holds(plan.plan, lambda name: name.lower() == PLAN)


def is_declared(server: Server) -> bool:
    """Whether the plan that protects a server is certain to be declared beside it."""
    return any(is_of_databases(plan) and plan.maybe is None for plan in server.defender_plans)
