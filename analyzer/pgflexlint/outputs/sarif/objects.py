"""The classes of sarif-om, with corrections. Only this module imports sarif-om.

It was made from a draft of the standard and never updated (https://github.com/microsoft/sarif-python-om). Import this
module as a whole (`objects as sarif`): it holds a class called `Exception`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec, module_from_spec
from typing import Any

import attr


@contextmanager
def _one_by_one() -> Iterator[None]:
    """Lets modules of sarif-om be imported without its `__init__`, which makes all of its classes.

    That takes as long as what is done with them in a log of 200 results, and half of them are used.
    """
    spec = None if "sarif_om" in sys.modules else find_spec("sarif_om")
    if spec is None:
        yield
        return
    sys.modules["sarif_om"] = module_from_spec(spec)  # knows where its modules are; nothing in it is executed
    try:
        yield
    finally:
        del sys.modules["sarif_om"]  # for others it is what it always was


with _one_by_one():
    from sarif_om._artifact_change import ArtifactChange
    from sarif_om._artifact_content import ArtifactContent
    from sarif_om._artifact_location import ArtifactLocation
    from sarif_om._code_flow import CodeFlow
    from sarif_om._fix import Fix
    from sarif_om._invocation import Invocation
    from sarif_om._location import Location
    from sarif_om._logical_location import LogicalLocation
    from sarif_om._message import Message
    from sarif_om._multiformat_message_string import MultiformatMessageString
    from sarif_om._notification import Notification
    from sarif_om._physical_location import PhysicalLocation
    from sarif_om._region import Region
    from sarif_om._replacement import Replacement
    from sarif_om._reporting_configuration import ReportingConfiguration
    from sarif_om._reporting_descriptor import ReportingDescriptor
    from sarif_om._reporting_descriptor_reference import ReportingDescriptorReference
    from sarif_om._reporting_descriptor_relationship import ReportingDescriptorRelationship
    from sarif_om._result import Result
    from sarif_om._run import Run
    from sarif_om._run_automation_details import RunAutomationDetails
    from sarif_om._suppression import Suppression as _DraftSuppression
    from sarif_om._thread_flow import ThreadFlow
    from sarif_om._thread_flow_location import ThreadFlowLocation
    from sarif_om._tool import Tool
    from sarif_om._tool_component import ToolComponent
    from sarif_om._tool_component_reference import ToolComponentReference
    from sarif_om._version_control_details import VersionControlDetails

_FIRST = (
    "rule_id", "rule_index", "id", "level", "kind", "message", "text", "partial_fingerprints", "locations",
    "start_line", "end_line", "start_column", "end_column",
)  # fmt: skip
"""The attributes that are written first, in this order; the others follow by name.

What a result has in common with others of its rule is together, and so is what it has in common with others at its
place. A compressed log is smaller by a twelfth then.
"""
_ORDER = {name: index for index, name in enumerate(_FIRST)}

KEPT = frozenset({"level"})
"""Attributes that are written even if they have their default. Without a level, that of the rule would count."""


Suppression: Any = attr.make_class(
    "Suppression",
    {"status": attr.ib(default=None, metadata={"schema_property_name": "status"})},
    bases=(_DraftSuppression,),
)
"""Has `status` (SARIF 2.1.0, section 3.35.3) where the draft had `state`, which GitHub rejects."""


class Plain(dict[str, Any]):
    """A result of `plain`. It may be in many objects, and is not converted again."""


def plain(value: Any) -> Any:
    """An object of sarif-om as plain Python values.

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
    members, properties = value.__dict__, Plain()
    for attribute, name, default in _fields(kind):
        member = members[attribute]
        if member is not None and (default is None or member != default):
            properties[name] = member if member.__class__ in _AS_IS else plain(member)
    return properties


_AS_IS = frozenset({str, int, float, bool, type(None), Plain})


@cache
def _fields(kind: Any) -> list[tuple[str, str, Any]]:
    """The attributes of a class as they are written: each with the name of its property and its default."""
    fields = sorted(attr.fields(kind), key=lambda field: _ORDER.get(field.name, len(_ORDER)))
    return [(field.name, field.metadata["schema_property_name"], _default(field)) for field in fields]


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
