"""The classes of sarif-om, with corrections. Only this module imports sarif-om.

It was made from a draft of the standard and never updated (https://github.com/microsoft/sarif-python-om). Import this
module as a whole (`objects as sarif`): it has the classes as attributes, and one of them is called `Exception`.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import Any

import attr

_PACKAGE: Any = module_from_spec(find_spec("sarif_om"))  # type: ignore[arg-type]
"""Knows where the modules of sarif-om are. Its `__init__`, which makes all classes, is not executed."""


def __getattr__(name: str) -> Any:
    """A class of sarif-om by its name. It is imported when it is first asked for.

    To make all classes takes as long as what is done with them in a log of 300 results, and less than half are used.
    """
    package = sys.modules.setdefault("sarif_om", _PACKAGE)
    try:
        found = getattr(import_module("sarif_om." + re.sub("(?=[A-Z])", "_", name).lower()), name)
    except ModuleNotFoundError:
        raise AttributeError(name) from None
    finally:
        if package is _PACKAGE:
            del sys.modules["sarif_om"]  # for others it is what it always was
    globals()[name] = _with_status(found) if name == "Suppression" else found
    return globals()[name]


def _with_status(draft: Any) -> Any:
    """A suppression has `status` (SARIF 2.1.0, section 3.35.3) where the draft had `state`, which GitHub rejects."""
    status = attr.ib(default=None, metadata={"schema_property_name": "status"})
    return attr.make_class("Suppression", {"status": status}, bases=(draft,))


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
