"""Rules, kinds of problems and the CWE as SARIF reporting descriptors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pgflexlint.explain import PROBLEMS, ProblemText, markdown, plain, plain_text, url
from pgflexlint.outputs.sarif import objects as sarif
from pgflexlint.problem import Kind
from pgflexlint.rule import Rule

MORE = " The same line has '{{{0}}}' more like it."
"""The end of a message that stands for several findings. The braces become the next placeholder."""
UNDECIDED_ID = "undecided"
UNDECIDED = "'{0}' could not be decided, because '{1}'."
"""The message of a doubt: a rule's slug and the reason."""
TAGS = 10
"""How many tags of a rule GitHub shows."""

_CWE = sarif.ToolComponentReference(name="CWE", index=0)


def rule(rule: Rule, merged: Mapping[str, int], *, undecided: bool) -> sarif.ReportingDescriptor:
    """The descriptor of a rule, with its messages and those for merged findings and doubts.

    `merged` are the messages that stand for several findings in this report, each with its number of arguments.
    `undecided` is true if doubts are results.
    """
    fix = f"How to fix it in Terraform: {rule.fix_terraform} In Bicep and ARM JSON: {rule.fix_template}"
    strings = dict(rule.messages) | {
        more_id(key): more_text(rule.messages, key, number) for key, number in sorted(merged.items())
    }
    if undecided:
        strings[UNDECIDED_ID] = UNDECIDED
    return sarif.ReportingDescriptor(
        id=rule.id,
        name=rule.name,
        short_description=_string(rule.summary),
        full_description=_string(plain_text(f"{rule.summary} {rule.why} {fix}")),
        help=sarif.MultiformatMessageString(text=plain(rule), markdown=markdown(rule)),
        help_uri=url(rule.page),
        message_strings={key: _string(text) for key, text in strings.items()},
        default_configuration=sarif.ReportingConfiguration(level=rule.level.value),
        relationships=[
            sarif.ReportingDescriptorRelationship(
                target=sarif.ReportingDescriptorReference(id=f"CWE-{number}", tool_component=_CWE), kinds=["superset"]
            )
            for number in rule.cwe
        ]
        or None,
        properties=_properties(rule),
    )


def _properties(rule: Rule) -> dict[str, Any]:
    tags = ["security", *(f"external/cwe/cwe-{number:03}" for number in rule.cwe), "azure", "postgresql"]
    properties: dict[str, Any] = {
        "tags": tags[:TAGS],
        "precision": rule.precision,
        "security-severity": str(rule.security_severity),
    }
    if rule.policies:
        properties["azurePolicies"] = list(rule.policies)
    if rule.controls:
        properties["controls"] = list(rule.controls)
    return properties


def more_id(key: str) -> str:
    """The id of the message that stands for several findings."""
    return f"{key}-and-more"


def more_text(messages: Mapping[str, str], key: str, arguments: int) -> str:
    """The template of that message: that of one finding, and one more placeholder at the end."""
    return messages[key] + MORE.format(arguments)


def problem(kind: Kind) -> sarif.ReportingDescriptor:
    """The descriptor of a kind of problem."""
    text: ProblemText = PROBLEMS[kind]
    return sarif.ReportingDescriptor(
        id=kind.value,
        name=_name(kind),
        short_description=_string(text.short),
        full_description=_string(text.full),
        help=_string(text.help),
        help_uri=f"{url('docs/problems.md')}#{kind.value}",
        default_configuration=sarif.ReportingConfiguration(
            level="warning" if kind is Kind.CONFIGURATION else "error",
        ),
    )


def _name(kind: Kind) -> str:
    """In Pascal case, and more than the id in other letters (Multitool rules SARIF2012 and SARIF1001)."""
    words = [word.capitalize() for word in kind.value.split("-")]
    return "".join(words if len(words) > 1 else [*words, "Problem"])


def cwe(rules: Iterable[Rule]) -> sarif.ToolComponent:
    """The part of the Common Weakness Enumeration that the rules refer to, as a taxonomy (section 3.19.3)."""
    numbers = sorted({number for rule in rules for number in rule.cwe})
    return sarif.ToolComponent(
        name="CWE",
        full_name="Common Weakness Enumeration",
        organization="MITRE",
        short_description=_string("The MITRE Common Weakness Enumeration."),
        information_uri="https://cwe.mitre.org/",
        is_comprehensive=False,
        taxa=[
            sarif.ReportingDescriptor(
                id=f"CWE-{number}", help_uri=f"https://cwe.mitre.org/data/definitions/{number}.html"
            )
            for number in numbers
        ],
    )


def supported() -> list[sarif.ToolComponentReference]:
    """What the driver says about the taxonomies that it uses."""
    return [_CWE]


def _string(text: str) -> sarif.MultiformatMessageString:
    return sarif.MultiformatMessageString(text=text)
