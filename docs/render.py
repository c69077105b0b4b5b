"""Writes what the documentation repeats of the rules: `python docs/render.py`, or `pytest --accept tests/test_docs.py`.

The pages of `docs/rules/`, their index, `docs/policies.md`, `docs/problems.md` and the table in `README.md` are made
from the rules themselves and from what they report on the tested fixtures. The keys in `docs/configuration.md` and the
schema are made from their declaration. So these pages cannot be out of date.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from pgflexlint.analysis import analyze
from pgflexlint.catalogue import anchor, as_markdown, by_section, policies, policy_index
from pgflexlint.configuration import KEYS, schema
from pgflexlint.discover import target
from pgflexlint.explain import markdown, problems
from pgflexlint.outputs import Options, renderer
from pgflexlint.rule import Rule
from pgflexlint.settings import Settings
from pgflexlint_rules import RULES

ROOT = Path(__file__).resolve().parent.parent
BEGIN = "<!-- begin: docs/render.py -->\n"
END = "<!-- end: docs/render.py -->\n"

AS_OF = date(2026, 8, 15)
"""The day on which fixtures are looked at."""


def pages() -> Iterator[tuple[Path, str]]:
    """Every file that is written as a whole or in part, with its content."""
    for rule in RULES:
        yield ROOT / rule.page, page(rule)
    yield ROOT / "docs/rules/README.md", index()
    yield ROOT / "docs/policies.md", policies(RULES, "rules/")
    yield ROOT / "docs/problems.md", problems()
    yield ROOT / "docs/configuration.md", inserted(ROOT / "docs/configuration.md", "\n".join(keys()))
    yield ROOT / "docs/pgflexlint.schema.json", json.dumps(schema(RULES), indent=2, ensure_ascii=False) + "\n"
    yield ROOT / "README.md", inserted(ROOT / "README.md", "\n".join(families("docs/rules/README.md")))


def page(rule: Rule) -> str:
    """The page of one rule: what `pgflexlint explain` shows, and the fixture on which it is tested."""
    suffix = next(suffix for suffix in (".tf", ".bicep") if (ROOT / f"fixtures/{rule.id}/fail{suffix}").exists())
    fixtures = [f"fixtures/{rule.id}/{case}{suffix}" for case in ("fail", "pass", "unknown")]
    links = {path: f"[{Path(path).name}](../../{path})" for path in fixtures if (ROOT / path).exists()}
    fail, passes, unknown = fixtures
    said = "\n".join(findings(ROOT / fail, rule))
    doubt = f" It cannot tell on {links[unknown]}." if unknown in links else ""
    return (
        f"{markdown(rule)}\n## Example\n\n"
        f"pgflexlint reports on [{fail}](../../{fail}):\n\n```text\n{said}\n```\n\n"
        f"It reports nothing on {links[passes]}.{doubt}\n"
    )


def findings(fixture: Path, rule: Rule) -> list[str]:
    """A line for each finding of one rule in a file that is alone in its directory."""
    with TemporaryDirectory() as name:
        room = Path(name)
        shutil.copy(fixture, room)
        report = analyze(target([name], [], room), [rule], RULES, Settings(as_of=AS_OF))
    return renderer("concise")(report, Options()).splitlines()[: len(report.findings)]


def index() -> str:
    """The lists of all pages: by what they are about, and by policy."""
    return (
        "# Rules\n\nThe rules by topic, and [by Azure Policy](#by-azure-policy).\n\n"
        f"{as_markdown(RULES, '')}\n## By Azure Policy\n\n"
        "[The page about policies](../policies.md) says how the rules differ from each of them.\n\n"
        f"{policy_index(RULES, '', '../policies.md')}"
    )


def families(index: str) -> Iterator[str]:
    """A row for each family of rules, with the worst that one of its default rules finds and a link into the index."""
    yield "| rules | about | how many | for example |"
    yield "|---|---|---:|---|"
    for name, rules in by_section(RULES):
        worst = max((rule for rule in rules if rule.default), key=lambda rule: rule.security_severity)
        yield f"| [{worst.id[:4]}]({index}#{anchor(name)}) | {name} | {len(rules)} | {worst.summary} |"


def keys() -> Iterator[str]:
    """A row for each key of the configuration."""
    yield "| key | value | default | what it says | option |"
    yield "|---|---|---|---|---|"
    for key in KEYS:
        options = ", ".join(f"`{option}`" for option in key.option.split(", ") if option)
        default = f"`{json.dumps(key.default)}`" if key.default != "" else ""
        yield f"| `{key.name}` | {key.kind} | {default} | {key.summary} | {options} |"


def inserted(path: Path, text: str) -> str:
    """A page with what stands between the marks as it is now."""
    before, _, rest = path.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{text.rstrip()}\n\n{END}{after}"


def main() -> None:
    """Writes all of it."""
    for path, text in pages():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
