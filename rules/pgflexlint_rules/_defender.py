"""The plan of Microsoft Defender that protects the servers of a subscription."""

from __future__ import annotations

from pgflexlint.model import DefenderPlan, Server
from pgflexlint.values import holds

PLAN = "opensourcerelationaldatabases"


def is_of_databases(plan: DefenderPlan) -> bool | None:
    """Whether a plan protects the servers; None if its name is unknown."""
    return holds(plan.plan, lambda name: name.lower() == PLAN)


def is_declared(server: Server) -> bool:
    """Whether the deployment of a server certainly declares the plan that protects it."""
    return any(is_of_databases(plan) and plan.maybe is None for plan in server.defender_plans)
