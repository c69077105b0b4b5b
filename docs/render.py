"""Writes what the documentation repeats of the rules: `python docs/render.py`, or `pytest --accept tests/test_docs.py`.

The pages of `docs/rules/`, their index, `docs/problems.md` and the table in `README.md` are made from the rules
themselves, and from what they say of the fixtures that are tested; the keys in `docs/configuration.md` and the schema
from their declaration. None can say what is no longer so.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from pgflexlint.analysis import Settings, analyze
from pgflexlint.configuration import KEYS, schema
from pgflexlint.discover import target
from pgflexlint.explain import markdown, problems
from pgflexlint.outputs import Options, renderer
from pgflexlint.rule import Rule
from pgflexlint_rules import RULES

ROOT = Path(__file__).resolve().parent.parent
BEGIN = "<!-- begin: docs/render.py -->\n"
END = "<!-- end: docs/render.py -->\n"

AREAS = {
    "1": "Encryption in transit",
    "3": "Network",
    "4": "Who may sign in",
    "5": "Logs",
    "7": "Backup and availability",
    "9": "The service itself",
}
"""What the first digit of an id stands for."""


def pages() -> Iterator[tuple[Path, str]]:
    """Every file that is written as a whole or in part, with its content."""
    for rule in RULES:
        yield ROOT / rule.page, page(rule)
    yield ROOT / "docs/rules/README.md", index()
    yield ROOT / "docs/problems.md", problems()
    yield ROOT / "docs/configuration.md", inserted(ROOT / "docs/configuration.md", keys())
    yield ROOT / "docs/pgflexlint.schema.json", json.dumps(schema(RULES), indent=2, ensure_ascii=False) + "\n"
    yield ROOT / "README.md", inserted(ROOT / "README.md", table(RULES, "docs/rules/"))


def page(rule: Rule) -> str:
    """The page of one rule: what `pgflexlint explain` shows, and the fixture on which it is tested."""
    fixture = f"fixtures/{rule.id}/fail.tf"
    said = "\n".join(findings(ROOT / fixture, rule))
    return (
        f"{markdown(rule)}\n## Example\n\n"
        f"What it says of [{fixture}](../../{fixture}):\n\n```text\n{said}\n```\n\n"
        f"It is silent on [pass.tf](../../fixtures/{rule.id}/pass.tf), and says that it cannot tell on "
        f"[unknown.tf](../../fixtures/{rule.id}/unknown.tf).\n"
    )


def findings(fixture: Path, rule: Rule) -> list[str]:
    """A line for each finding of one rule in a file that is alone in its directory."""
    with TemporaryDirectory() as name:
        room = Path(name)
        shutil.copy(fixture, room)
        report = analyze(target([name], [], room), [rule], RULES, Settings())
    return renderer("concise")(report, Options()).splitlines()[: len(report.findings)]


def index() -> str:
    """The list of all pages, by what they are about."""
    lines = ["# Rules", ""]
    for digit, area in AREAS.items():
        lines += [f"## {area}", "", *table(rule for rule in RULES if rule.id[3] == digit), ""]
    return "\n".join(lines)


def table(rules: Iterable[Rule], folder: str = "") -> Iterator[str]:
    """A row for each rule; its page is in `folder`."""
    yield "| id | slug | level | what is wrong |"
    yield "|---|---|---|---|"
    for rule in rules:
        off = "" if rule.default else ", off by default"
        yield f"| [{rule.id}]({folder}{rule.id}.md) | `{rule.slug}` | {rule.level.value}{off} | {rule.summary} |"


def keys() -> Iterator[str]:
    """A row for each key of the configuration."""
    yield "| key | value | default | what it says | option |"
    yield "|---|---|---|---|---|"
    for key in KEYS:
        options = ", ".join(f"`{option}`" for option in key.option.split(", ") if option)
        default = f"`{json.dumps(key.default)}`" if key.default != "" else ""
        yield f"| `{key.name}` | {key.kind} | {default} | {key.summary} | {options} |"


def inserted(path: Path, lines: Iterable[str]) -> str:
    """A page with what stands between the marks as it is now."""
    before, _, rest = path.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n\n{END}{after}"


def main() -> None:
    """Writes all of it."""
    for path, text in pages():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
