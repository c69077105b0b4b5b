"""Lists of rules and policies: for `pgflexlint rules` and the indexes in `docs/`."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from pgflexlint.explain import facts, section
from pgflexlint.policies import POLICIES, Policy
from pgflexlint.rule import Rule

_NARROW = 20
"""Fewer columns than these are too few to wrap a summary in: it then stands below."""
_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}


def by_section(rules: Sequence[Rule]) -> Iterator[tuple[str, list[Rule]]]:
    """Rules, which are in the order of their ids, by what they are about."""
    return ((name, list(group)) for name, group in groupby(rules, key=section))


def lines(rules: Sequence[Rule], width: int) -> Iterator[list[tuple[str, str]]]:
    """The list that a person reads, as lines of pieces with the style of each in the words of rich."""
    slugs = max(len(rule.slug) for rule in rules)
    indent = len("  PGF101  ") + slugs + len("  warning  ")
    below = width - indent < _NARROW
    if below:
        indent = len("  PGF101  ")
    for name, group in by_section(rules):
        yield [("bold", name)]
        for rule in group:
            summary = rule.summary if rule.default else f"{rule.summary} (off by default)"
            text = textwrap.wrap(summary, max(width - indent, _NARROW))
            beside = "" if below else text.pop(0)
            level = rule.level.value
            yield [("", "  "), ("bold", rule.id), ("", f"  {rule.slug:{slugs}}  "), (_STYLES[level], f"{level:9}"),
                   ("", beside)]  # fmt: skip
            for more in text:
                yield [("", " " * indent + more)]
        yield []
    off = sum(not rule.default for rule in rules)
    yield [("", f"{len(rules)} rules, {off} of them off by default. Try 'pgflexlint explain {rules[0].id}'.")]


def as_json(rules: Sequence[Rule]) -> str:
    """All that the rules say of themselves."""
    return json.dumps([facts(rule) for rule in rules], indent=2, ensure_ascii=False, default=str) + "\n"


def as_markdown(rules: Sequence[Rule], folder: str) -> str:
    """A heading and a table for each section; the pages of the rules are in `folder`."""
    blocks = [f"## {name}\n\n" + "\n".join(_table(group, folder)) for name, group in by_section(rules)]
    return "\n\n".join(blocks) + "\n"


def _table(rules: Sequence[Rule], folder: str) -> Iterator[str]:
    yield "| id | slug | level | what is wrong |"
    yield "|---|---|---|---|"
    for rule in rules:
        off = "" if rule.default else ", off by default"
        yield f"| [{rule.id}]({folder}{rule.id}.md) | `{rule.slug}` | {rule.level.value}{off} | {rule.summary} |"


def asking(policy: Policy, rules: Sequence[Rule]) -> list[Rule]:
    """The rules that ask the same as a policy."""
    return [rule for rule in rules if policy.id in rule.policies]


def policy_index(rules: Sequence[Rule], folder: str, page: str) -> str:
    """A row for each policy with the rules that ask the same; `page` says more of the policies."""
    rows = ["| Azure Policy | rules |", "|---|---|"]
    for policy in POLICIES:
        links = ", ".join(f"[{rule.id}]({folder}{rule.id}.md)" for rule in asking(policy, rules))
        rows.append(f"| [{policy.name}]({page}#{anchor(policy.name)}) | {links or 'none'} |")
    return "\n".join(rows) + "\n"


def anchor(heading: str) -> str:
    """The name under which GitHub links to a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


_POLICIES = """\
# Azure Policy and pgflexlint

Microsoft publishes built-in policies for the service. A policy judges what is deployed. A rule of pgflexlint judges
what is written, before it is deployed. This page says which rules ask the same as a policy, and where they
deliberately decide otherwise.

A server parameter that nobody sets has its default on the server, and the policy reads that default. "Where nothing is
written" says what the policy makes of it."""


def policies(rules: Sequence[Rule], folder: str) -> str:
    """The page about all policies."""
    return (
        "\n\n".join(
            [_POLICIES, policy_index(rules, folder, "").rstrip(), *(_policy(each, rules, folder) for each in POLICIES)]
        )
        + "\n"
    )


def _policy(policy: Policy, rules: Sequence[Rule], folder: str) -> str:
    links = ", ".join(f"[{rule.id}]({folder}{rule.id}.md) `{rule.slug}`" for rule in asking(policy, rules))
    rows = {
        "Definition": f"[`{policy.id}`]({policy.url})",
        "Version and default effect": f"{policy.version}, {policy.effect}",
        "Rules": links or f"none. {policy.without_rule}",
        "Compliant where": policy.compliant,
        "Where nothing is written": policy.absent,
        "What surprises": policy.quirk,
        "Where pgflexlint differs": policy.differs or ("Nowhere." if links else ""),
    }
    return "\n".join([f"## {policy.name}", "", *(f"- **{name}**: {text}" for name, text in rows.items() if text)])
