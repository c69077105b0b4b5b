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


def after(nodes: Iterable[str], edges: Mapping[str, Collection[str]]) -> list[str]:
    """Nodes so that each comes after those that it leads to, but where it comes back to itself."""
    wanted = dict.fromkeys(nodes)
    known: set[str] = set()
    ordered: list[str] = []
    todo = [(node, False) for node in reversed(wanted)]
    while todo:
        node, done = todo.pop()
        if done:
            ordered.append(node)
        elif node not in known:
            known.add(node)
            todo.append((node, True))
            todo += ((each, False) for each in sorted(edges.get(node, ()), reverse=True))
    return [node for node in ordered if node in wanted]


def reversed_(edges: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """The same edges the other way."""
    found: dict[str, set[str]] = {}
    for node, others in edges.items():
        for other in others:
            found.setdefault(other, set()).add(node)
    return found
