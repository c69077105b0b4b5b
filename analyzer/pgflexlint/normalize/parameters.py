"""Tells why a static server parameter, which needs a restart, does not take effect in Terraform or ARM."""

from __future__ import annotations

from typing import Any

from pgflexlint.normalize.claims import Context
from pgflexlint.normalize.reading import block_member, blocks, flag, text
from pgflexlint.resource import Resource
from pgflexlint.values import Known, Unknown, Value, decide

_SWITCH = "restart_server_on_configuration_value_change"

BROKEN_API = "2026-01-01-preview"
"""With this API version, a static parameter keeps its old value although its deployment succeeds
(https://github.com/Azure/bicep-registry-modules/issues/7270)."""


def static_ignored(resource: Resource, context: Context) -> str | Unknown:
    """In Terraform: the provider restarts the server when such a parameter changes, unless a feature flag forbids it.

    https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/guides/features-block#postgresql_flexible_server
    """
    provider = context.configurations.get(resource.provider)
    return "" if provider is None else _left_to_others(provider)


def _left_to_others(provider: Resource) -> str | Unknown:
    """Why a configuration of the provider does not restart the server; "" if it does."""
    for features in blocks(provider, "features"):
        for block in _listed(block_member(features, "postgresql_flexible_server")):
            restarts = block_member(block, _SWITCH)
            if restarts is None:
                continue
            answer = decide(flag(restarts), bool)
            if isinstance(answer, Unknown):
                return answer
            if not answer:
                return f"the provider feature {_SWITCH}"
    return ""


def _listed(blocks: Value[Any] | None) -> tuple[Value[Any], ...]:
    """The blocks of a type inside another block."""
    if isinstance(blocks, Known) and isinstance(blocks.value, tuple):
        return blocks.value
    return () if blocks is None else (blocks,)


def static_ignored_by_api(resource: Resource) -> str | Unknown:
    """In ARM: one API version drops the value of such a parameter."""
    version = resource.attributes.get("apiversion")
    if version is None:
        return ""
    broken = decide(text(version), lambda word: word.lower() == BROKEN_API)
    if isinstance(broken, Unknown):
        reason = f"which API version it is set with is not known because {broken.reason}"
        return Unknown(reason, broken.span, broken.trace)
    return f"API version {BROKEN_API}" if broken else ""
