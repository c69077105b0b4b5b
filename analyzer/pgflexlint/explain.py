"""The prose of a rule as a page: for `pgflexlint explain`, `docs/rules/`, and the help in SARIF."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pgflexlint import __version__
from pgflexlint.problem import Kind
from pgflexlint.rule import Rule

REPOSITORY = "https://github.com/pgflexlint/pgflexlint"


def url(path: str) -> str:
    """Where a file of this version of the repository can be read."""
    return f"{REPOSITORY}/blob/v{__version__}/{path}"


def severity(rule: Rule) -> str:
    """The word that GitHub shows for the rule's security severity.

    https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support
    """
    score = rule.security_severity
    return "critical" if score > 9.0 else "high" if score >= 7.0 else "medium" if score >= 4.0 else "low"


def markdown(rule: Rule) -> str:
    """The page of a rule; ends with a line break."""
    return "\n\n".join(_paragraphs(rule)) + "\n"


def plain(rule: Rule) -> str:
    """The same page for readers without Markdown."""
    return plain_text(markdown(rule))


def plain_text(text: str) -> str:
    """Markdown of the kind that rules are written in, without its marks."""
    text = re.sub(r"^```.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^#+ ", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r"\1 (\2)", text)
    text = re.sub(r"<(https?://[^>]+)>", r"\1", text)
    return re.sub(r"\*\*([^*]+)\*\*", r"\1", text).replace("`", "")


def _paragraphs(rule: Rule) -> Iterator[str]:
    yield f"# {rule.id} {rule.slug}"
    yield rule.summary
    status = "on by default" if rule.default else "off by default"
    yield (
        f"Level **{rule.level.value}**, security severity **{rule.security_severity}** ({severity(rule)}), "
        f"precision **{rule.precision}**, {status}."
    )
    yield "## Why"
    yield rule.why
    yield "## How to fix it"
    yield f"**Terraform and OpenTofu.** {rule.fix_terraform}"
    yield f"**Bicep and ARM JSON.** {rule.fix_template}"
    yield "## What it does not see"
    yield rule.limits
    if rule.not_in:
        yield _bullets(f"It has no meaning in {language.value}: {why}" for language, why in rule.not_in.items())
    if related := [*_related(rule)]:
        yield "## Related"
        yield _bullets(related)
    yield "## References"
    yield _bullets(f"<{reference}>" for reference in rule.references)
    yield "## How to allow it"
    yield "Write a comment on the line or on the line above, with the reason:"
    yield f"```hcl\n# pgflexlint: ignore[{rule.id}] reason\n```"
    yield "Bicep and ARM JSON take the same after `//`."


def _related(rule: Rule) -> Iterator[str]:
    for number in rule.cwe:
        yield f"[CWE-{number}](https://cwe.mitre.org/data/definitions/{number}.html)"
    for policy in rule.policies:
        yield f"Azure Policy `{policy}`"
    yield from rule.controls
    for peer in rule.peers:
        yield f"Other tools: {peer}"


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


class ProblemText(NamedTuple):
    """What is said about a kind of problem wherever it occurs."""

    short: str
    full: str
    help: str


PROBLEMS: Mapping[Kind, ProblemText] = {
    Kind.SYNTAX: ProblemText(
        "A file is not valid in its language.",
        "The file could be read only in part or not at all; what it declares may be missing from the report.",
        "Run 'terraform validate' or 'bicep build' on the file, and mend what it says.",
    ),
    Kind.UNREADABLE: ProblemText(
        "A file cannot be read as text.",
        "The file is there but cannot be opened, or it is neither UTF-8 nor UTF-16.",
        "Check its permissions and its encoding, or exclude it.",
    ),
    Kind.MODULE: ProblemText(
        "A module that is called is not there.",
        "A local module path leads nowhere, so what the module declares is missing from the report.",
        "Check the path, or check the module out before the analysis.",
    ),
    Kind.CYCLE: ProblemText(
        "Values or modules refer to each other in a circle.",
        "What stands in the circle has no value, and no deployment would accept it.",
        "Break the circle at one of the places that are named.",
    ),
    Kind.REFERENCE: ProblemText(
        "Something that is referred to does not exist.",
        "The name of a variable, local value, resource or module leads nowhere, so the value is unknown.",
        "Check the spelling of the name, and that its declaration is in the scanned files.",
    ),
    Kind.FUNCTION: ProblemText(
        "A function is not known.",
        "The call names a function that the language does not have, so its result is unknown.",
        "Check the spelling of the function; if it is new, update pgflexlint.",
    ),
    Kind.EVALUATION: ProblemText(
        "An expression cannot be evaluated.",
        "The expression would fail in a deployment too, so its value is unknown.",
        "Mend the expression as the message says.",
    ),
    Kind.LIMIT: ProblemText(
        "A bound on size, depth or time was passed.",
        "Scanned files are not trusted, so every piece of work has a bound; what lies beyond it was not looked at.",
        "Split or simplify what the message names, or exclude the file.",
    ),
    Kind.RULE: ProblemText(
        "A rule crashed.",
        "The rule did not finish on one resource because of a defect in pgflexlint; all others were checked.",
        "Report it with the message and, if you can, the resource.",
    ),
    Kind.CONFIGURATION: ProblemText(
        "Something in the configuration or in an ignore comment has no effect or is not understood.",
        "The analysis went on without it; the report may show what was meant to be allowed.",
        "Correct or remove what the message names.",
    ),
}


def problems() -> str:
    """The page that says what each kind of problem means (`docs/problems.md`)."""
    sections = [
        f"## {kind.value}\n\n{text.short}\n\n{text.full}\n\n**What to do.** {text.help}"
        for kind, text in PROBLEMS.items()
    ]
    return "\n\n".join(["# What pgflexlint could not look at", *sections]) + "\n"
