"""Directed graphs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping


def reach(start: Iterable[str], edges: Mapping[str, Collection[str]]) -> set[str]:
    """All nodes that can be reached from some nodes, with these."""
    found: set[str] = set()
    todo = list(start)
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += edges.get(node, ())
    return found


def after(nodes: Iterable[str], edges: Mapping[str, Collection[str]]) -> list[str]:
    """Sort nodes topologically: each comes after those that its edges lead to, except in cycles."""
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
    """The same edges in the other direction."""
    found: dict[str, set[str]] = {}
    for node, others in edges.items():
        for other in others:
            found.setdefault(other, set()).add(node)
    return found
