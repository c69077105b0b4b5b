"""sarif-om, put right: the only module that imports it.

It was made from a draft of the standard and never updated (https://github.com/microsoft/sarif-python-om). Import this
module as a whole (`objects as sarif`): it holds a class called `Exception`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import attr
from sarif_om import (
    ArtifactChange,
    ArtifactContent,
    ArtifactLocation,
    CodeFlow,
    Fix,
    Invocation,
    Location,
    LogicalLocation,
    Message,
    MultiformatMessageString,
    Notification,
    PhysicalLocation,
    Region,
    Replacement,
    ReportingConfiguration,
    ReportingDescriptor,
    ReportingDescriptorReference,
    ReportingDescriptorRelationship,
    Result,
    Run,
    RunAutomationDetails,
    ThreadFlow,
    ThreadFlowLocation,
    Tool,
    ToolComponent,
    ToolComponentReference,
    VersionControlDetails,
)
from sarif_om import Suppression as _DraftSuppression

KEPT = frozenset({"level"})
"""Attributes that are written although they have their default: without a level, the rule's would count."""


Suppression: Any = attr.make_class(
    "Suppression",
    {"status": attr.ib(default=None, metadata={"schema_property_name": "status"})},
    bases=(_DraftSuppression,),
)
"""Has `status` (SARIF 2.1.0, section 3.35.3) where the draft had `state`, which GitHub rejects."""


class Plain(dict[str, Any]):
    """What `plain` has made already; it may stand in many objects and is not gone through again."""


def plain(value: Any) -> Any:
    """An object of sarif-om as what `json` can write.

    Properties that are absent or have the standard's default are left out, but empty lists stay: `results` must be
    there even if it is empty. Property bags are plain dicts, because sarif-om's knows no property but `tags`.
    """
    kind = value.__class__
    if kind in _AS_IS:
        return value
    if kind is list:
        return [member if member.__class__ in _AS_IS else plain(member) for member in value]
    if kind is dict:
        return {key: plain(member) for key, member in value.items()}
    properties = Plain()
    for member, name, default in zip(value.__dict__.values(), *_fields(kind), strict=True):
        if member is not None and (default is None or member != default):
            properties[name] = member if member.__class__ in _AS_IS else plain(member)
    return properties


_AS_IS = frozenset({str, int, float, bool, type(None), Plain})


@cache
def _fields(kind: Any) -> tuple[list[str], list[Any]]:
    """The names of the properties that the attributes are, in their order, and what each is not written for."""
    fields = attr.fields(kind)
    return [field.metadata["schema_property_name"] for field in fields], [_default(field) for field in fields]


def _default(field: Any) -> Any:
    if field.name in KEPT:
        return None
    return field.default.factory() if hasattr(field.default, "factory") else field.default


__all__ = [
    "ArtifactChange", "ArtifactContent", "ArtifactLocation", "CodeFlow", "Fix", "Invocation", "Location",
    "LogicalLocation", "Message", "MultiformatMessageString", "Notification", "PhysicalLocation", "Plain", "Region",
    "Replacement", "ReportingConfiguration", "ReportingDescriptor", "ReportingDescriptorReference",
    "ReportingDescriptorRelationship", "Result", "Run", "RunAutomationDetails", "Suppression", "ThreadFlow",
    "ThreadFlowLocation", "Tool", "ToolComponent", "ToolComponentReference", "VersionControlDetails", "plain",
]  # fmt: skip
