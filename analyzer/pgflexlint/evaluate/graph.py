"""What leads to what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping


def reach(start: Iterable[str], edges: Mapping[str, Collection[str]]) -> set[str]:
    """All that can be come to from some nodes, these included."""
    found: set[str] = set()
    todo = list(start)
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += edges.get(node, ())
    return found


def reversed_(edges: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """The same edges the other way."""
    found: dict[str, set[str]] = {}
    for node, others in edges.items():
        for other in others:
            found.setdefault(other, set()).add(node)
    return found
