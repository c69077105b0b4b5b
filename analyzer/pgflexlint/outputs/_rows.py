"""JSON that people can read and `diff` can compare: the frame indented, each member of a long list on a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

_compact = json.JSONEncoder(separators=(", ", ": ")).encode


def dumps(frame: Mapping[str, Any], rows: Mapping[str, Iterable[Any]]) -> str:
    """`frame` as JSON, where each empty list that it holds under a key of `rows` gets those members.

    The keys must be unique in the frame. Rows are taken one by one, so that a generator never holds them all.
    The text is ASCII, and what a build agent would take for a command (see `_harmless.inert`) is spelled otherwise.
    """
    text = json.dumps(frame, indent=2)
    for key, members in rows.items():
        # A quoted key cannot stand in a string: there its quotes are escaped.
        before, empty, after = text.partition(f'"{key}": []')
        margin = before[before.rfind("\n") :]
        lines = f",{margin}  ".join(map(_compact, members))
        text = f'{before}"{key}": [{margin}  {lines}{margin}]{after}' if lines else f"{before}{empty}{after}"
    return text.replace("##", "#\\u0023") + "\n"
