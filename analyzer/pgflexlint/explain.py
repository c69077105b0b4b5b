"""The prose of a rule as a page: for `pgflexlint explain`, `docs/rules/`, and the help in SARIF."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pgflexlint import __version__, configuration
from pgflexlint.policies import BY_ID, Policy
from pgflexlint.problem import Kind
from pgflexlint.resource import Language
from pgflexlint.rule import TODAY, Option, Rule

REPOSITORY = "https://github.com/pgflexlint/pgflexlint"

SECTIONS = {
    "1": "Data in transit",
    "2": "Data at rest",
    "3": "Network",
    "4": "Access",
    "5": "Audit logging",
    "6": "Defender",
    "7": "Resilience",
    "8": "In-database roles and schemas",
    "9": "Meta",
}
"""What rules are about, by the first digit of their ids; mostly as Microsoft divides its advice
(https://learn.microsoft.com/azure/postgresql/security/security-overview)."""


def section(rule: Rule) -> str:
    """What a rule is about."""
    return SECTIONS[rule.id[3]]


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


def wrapped(rule: Rule, width: int) -> str:
    """The same page for a terminal of so many columns; headings are underlined, and code is left as it is."""
    lines: list[str] = []
    code = False
    for line in markdown(rule).splitlines():
        if line.startswith("```"):
            code = not code
        elif code:
            lines.append(f"    {line}")
        else:
            lines += _wrapped(line, width)
    return "\n".join(lines) + "\n"


def _wrapped(line: str, width: int) -> list[str]:
    """A line of Markdown: a heading, an item of a list, or a paragraph."""
    text = plain_text(line)
    if line.startswith("#"):
        return [text, ("=" if line.startswith("# ") else "-") * len(text)]
    indent = "  " if line.startswith("- ") else ""
    whole = textwrap.TextWrapper(width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return whole.wrap(text) or [""]


def plain_text(text: str) -> str:
    """Markdown of the kind that rules are written in, without its marks. Blocks of code stay as they are."""
    pieces = re.split(r"^```.*\n", text, flags=re.MULTILINE)
    return "".join(piece if index % 2 else _unmarked(piece) for index, piece in enumerate(pieces))


def _unmarked(text: str) -> str:
    text = re.sub(r"^#+ ", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r"\1 (\2)", text)
    text = re.sub(r"<(https?://[^>]+)>", r"\1", text)
    return re.sub(r"\*\*([^*]+)\*\*", r"\1", text).replace("`", "")


def _paragraphs(rule: Rule) -> Iterator[str]:
    yield f"# {rule.id} {rule.slug}"
    yield rule.summary
    status = "on by default" if rule.default else f"**off** by default: `--extend-select {rule.id}` switches it on"
    yield (
        f"Level **{rule.level.value}**, security severity **{rule.security_severity}** ({severity(rule)}), "
        f"precision **{rule.precision}**, {status}."
    )
    yield "## Why"
    yield rule.why
    yield "## How to fix it"
    yield f"**Terraform and OpenTofu.** {rule.fix_terraform}"
    templates = "Bicep and ARM JSON" if Language.ARM in rule.not_in else "Bicep, ARM JSON and the bodies of azapi"
    yield f"**{templates}.** {rule.fix_template}"
    yield "## Limits"
    yield rule.limits
    if rule.not_in:
        yield _bullets(_meaningless(rule))
    if rule.options:
        yield "## Options"
        yield _bullets(map(_option, rule.options))
    if rule.policies:
        yield "## Azure Policy"
        yield (
            "These built-in policies ask the same of what is deployed. Each line says where pgflexlint decides "
            f"otherwise. [The page about policies]({url('docs/policies.md')}) says more."
        )
        yield _bullets(_policy(BY_ID[policy]) for policy in rule.policies)
    if related := [*_related(rule)]:
        yield "## Related"
        yield _bullets(related)
    yield "## References"
    yield _bullets(f"<{reference}>" for reference in rule.references)
    yield "## How to allow it"
    yield "Write a comment on the line or on the line above, with the reason:"
    yield f"```hcl\n# pgflexlint: ignore[{rule.id}] reason\n```"
    yield "In Bicep and ARM JSON, write the same after `//`."


def _related(rule: Rule) -> Iterator[str]:
    for number in rule.cwe:
        yield f"[CWE-{number}](https://cwe.mitre.org/data/definitions/{number}.html)"
    yield from rule.controls
    if rule.peers:
        yield f"In other tools: {', '.join(rule.peers)}"


def _meaningless(rule: Rule) -> Iterator[str]:
    for why in dict.fromkeys(rule.not_in.values()):
        languages = " and ".join(language.value for language, each in rule.not_in.items() if each == why)
        yield f"Does not apply to {languages}: {why}"


def _option(option: Option) -> str:
    bounds = [
        f"{word} {bound}" for word, bound in (("at least", option.least), ("at most", option.most)) if bound is not None
    ]
    said = "; ".join([f"default {_default(option)}", *bounds])
    return f"`{option.key}` ({said}): {option.summary}"


def _default(option: Option) -> str:
    if option.default is TODAY:
        return "today"
    members = option.default if isinstance(option.default, tuple) else (option.default,)
    return ", ".join(f"`{_spelled(member)}`" for member in members if member != "") or "none"


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _option_facts(option: Option) -> Mapping[str, Any]:
    default = "today" if option.default is TODAY else configuration.plain(option.default)
    return {**option._asdict(), "name": option.key, "default": default}


def _policy(policy: Policy) -> str:
    return f"[{policy.name}]({policy.url}) `{policy.id}`: {policy.differs or 'no difference is known.'}"


def facts(rule: Rule) -> Mapping[str, Any]:
    """All that a rule says of itself, as `json` can write it."""
    return {
        "id": rule.id,
        "slug": rule.slug,
        "name": rule.name,
        "section": section(rule),
        "level": rule.level.value,
        "security_severity": rule.security_severity,
        "precision": rule.precision,
        "default": rule.default,
        "summary": rule.summary,
        "messages": dict(rule.messages),
        "why": rule.why,
        "fix": {"terraform": rule.fix_terraform, "template": rule.fix_template},
        "limits": rule.limits,
        "not_in": {language.value: why for language, why in rule.not_in.items()},
        "options": [_option_facts(option) for option in rule.options],
        "cwe": [f"CWE-{number}" for number in rule.cwe],
        "policies": [
            {"id": policy.id, "name": policy.name, "url": policy.url, "differs": policy.differs}
            for policy in (BY_ID[each] for each in rule.policies)
        ],
        "controls": list(rule.controls),
        "peers": list(rule.peers),
        "references": list(rule.references),
        "url": url(rule.page),
    }


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
        "The file could be read in part or not at all. What it declares may be missing from the report. A file of data "
        "(JSON, YAML or CSV) is reported only if a function reads it as such.",
        "Run 'terraform validate' or 'bicep build' on the file, and correct what it reports.",
    ),
    Kind.UNREADABLE: ProblemText(
        "A file cannot be read as text.",
        "The file is there, but it cannot be opened, it is too large, it is neither UTF-8 nor UTF-16, or it is a link "
        "that leads out of the scanned directory. A JSON file is reported only if it may be a template.",
        "Check its permissions and its encoding, or exclude it.",
    ),
    Kind.MODULE: ProblemText(
        "A module or a template does not exist.",
        "A local module is not where its path leads, or the template of a parameter file is not, or it is unclear "
        "which template a parameter file is for. What the module or template declares is missing from the report. That "
        "may be a server, so the problem is reported even if nothing else is about PostgreSQL.",
        "Check the path, or check the module out before the analysis.",
    ),
    Kind.CYCLE: ProblemText(
        "Values or modules refer to each other in a cycle.",
        "Values in the cycle are unknown. A deployment would fail.",
        "Break the cycle at one of the places that the message names.",
    ),
    Kind.REFERENCE: ProblemText(
        "A name refers to nothing.",
        "The variable, local value, resource or module of that name does not exist, so the value is unknown.",
        "Check the spelling of the name, and that its declaration is in the scanned files.",
    ),
    Kind.FUNCTION: ProblemText(
        "A function is not known.",
        "pgflexlint knows no function of that name in the language, so the result of the call is unknown.",
        "Check the spelling of the function. If the function is new, update pgflexlint.",
    ),
    Kind.EVALUATION: ProblemText(
        "An expression cannot be evaluated.",
        "The expression would fail in a deployment too, so its value is unknown.",
        "Correct the expression as the message says.",
    ),
    Kind.LIMIT: ProblemText(
        "A limit on size, depth or time was exceeded.",
        "Scanned files are not trusted, so every piece of work has a limit. What lies beyond it was not scanned.",
        "Split or simplify what the message names, or exclude the file.",
    ),
    Kind.RULE: ProblemText(
        "A rule crashed.",
        "A defect in pgflexlint kept the rule from judging one resource. The rule judged all other resources.",
        "Report it with the message and, if you can, the resource.",
    ),
    Kind.CONFIGURATION: ProblemText(
        "A setting or an ignore comment has no effect or is not understood.",
        "The analysis went on without it. The report may show findings that it was meant to allow.",
        "Correct or remove what the message names.",
    ),
}

_PROBLEMS = """\
# What pgflexlint could not scan

A problem is something that pgflexlint could not scan. Everything else is still judged, but the exit code is 3, or 1
if there are findings at or above `--fail-on` as well. A problem is printed with its kind: `problem[syntax-error]`.

A remark, such as `remark[configuration]`, is milder. It names something that has no effect. It does not change the exit
code, but with `--strict-ignores` an unused or invalid ignore makes it 1."""


def problems() -> str:
    """The page that says what each kind of problem means (`docs/problems.md`)."""
    sections = [
        f"## {kind.value}\n\n{text.short}\n\n{text.full}\n\n**What to do.** {text.help}"
        for kind, text in PROBLEMS.items()
    ]
    return "\n\n".join([_PROBLEMS, *sections]) + "\n"
