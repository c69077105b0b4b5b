"""The list of rules, the files and the prose agree."""

from __future__ import annotations

import ast
import inspect
import json
import re
import statistics
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import pgflexlint_rules
from pgflexlint.explain import SECTIONS, facts, markdown, section
from pgflexlint.resource import Language
from pgflexlint.rule import Level, Rule
from pgflexlint_rules import RULES

FOLDER = Path(pgflexlint_rules.__file__).parent
FIXTURES = Path(__file__).parent.parent / "fixtures"
SUFFIXES = {Language.TERRAFORM: ".tf", Language.BICEP: ".bicep", Language.ARM: ".json"}
PRECISIONS = {"very-high", "high", "medium", "low"}

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def module_name(rule: Rule) -> str:
    return f"{rule.id.lower()}_{rule.slug.replace('-', '_')}"


def test_every_module_is_listed() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_")}
    assert modules == {module_name(rule) for rule in RULES}


def test_ids_are_in_order_and_nothing_is_there_twice() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))
    assert len({rule.slug for rule in RULES}) == len(RULES)
    assert len({rule.summary for rule in RULES}) == len(RULES)


@each_rule
def test_names_are_as_sarif_wants_them(rule: Rule) -> None:
    assert re.fullmatch(r"PGF\d{3}", rule.id)
    assert re.fullmatch(r"[a-z]+[a-z0-9]*(-[a-z0-9]+)+", rule.slug)
    assert re.fullmatch(r"([A-Z][a-z0-9]+)*", rule.name)


@each_rule
def test_a_module_names_its_rule(rule: Rule) -> None:
    text = (FOLDER / f"{module_name(rule)}.py").read_text("utf-8")
    assert text.startswith(f'"""{rule.id}: ')
    assert rule.check.__doc__


@each_rule
def test_messages_can_be_read_and_shown(rule: Rule) -> None:
    assert rule.messages
    for message in rule.messages.values():
        assert message.endswith(".")
        first_sentence = re.split(r"(?<=\.) ", message)[0]
        assert len(first_sentence) <= 120, first_sentence
        holes = [int(number) for number in re.findall(r"\{(\d)\}", message)]
        assert holes, message
        assert re.findall(r"'\{\d\}'", message) == [f"'{{{number}}}'" for number in holes], message
        assert not message.lower().startswith(("server", "'{0}'", "the server")), message


@each_rule
def test_prose_is_complete(rule: Rule) -> None:
    for text in (rule.summary, rule.why, rule.fix_terraform, rule.fix_template, rule.limits):
        assert text.endswith("."), text
        assert text[0].isupper() or text[0] == "`", text
        assert len(text) <= 1024
        assert "  " not in text
        assert text.count("`") % 2 == 0
    assert len(re.findall(r"[.;] [A-Z]", rule.why)) == 1, "two sentences"
    assert rule.fix_terraform.split()[0].isalpha()
    assert rule.fix_template.split()[0].isalpha()


@each_rule
def test_terraform_and_templates_are_mended_differently(rule: Rule) -> None:
    assert "azurerm" not in rule.fix_template
    assert "user-override" not in rule.fix_terraform
    if "configurations/" in rule.fix_template:
        assert "source: 'user-override'" in rule.fix_template


@each_rule
def test_severity_and_level_agree(rule: Rule) -> None:
    lowest, highest = {Level.ERROR: (7.0, 10.0), Level.WARNING: (4.0, 7.0), Level.NOTE: (0.1, 3.9)}[rule.level]
    assert lowest <= rule.security_severity <= highest
    assert rule.precision in PRECISIONS


@each_rule
def test_references_can_be_followed(rule: Rule) -> None:
    assert rule.references
    for reference in rule.references:
        assert re.fullmatch(r"https://learn\.microsoft\.com/azure/[a-z0-9/-]+", reference)
    for policy in rule.policies:
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", policy)
    for control in rule.controls:
        assert re.match(r"(CIS Azure Foundations \d\.\d\.\d \d(\.\d){2,3}|MCSB [A-Z]{2}-\d+)( \(.+\))?$", control)


@each_rule
def test_every_rule_has_fixtures(rule: Rule) -> None:
    for language in Language:
        if language not in rule.not_in:
            for name in ("fail", "pass"):  # which of them leave nothing unknown, tests/test_fixtures.py says
                assert (FIXTURES / rule.id / f"{name}{SUFFIXES[language]}").is_file(), name
    for language, reason in rule.not_in.items():
        assert reason.endswith(".")
        assert not list((FIXTURES / rule.id).glob(f"*{SUFFIXES[language]}"))


def test_no_fixture_is_without_a_rule() -> None:
    ids = {path.name for path in FIXTURES.iterdir() if path.name.startswith("PGF")}
    assert ids <= {rule.id for rule in RULES}


def test_a_language_has_fixtures_or_a_reason() -> None:
    """Fixtures, languages and reasons add up: nothing of a rule is left out in silence."""
    for rule in RULES:
        suffixes = {path.suffix for path in (FIXTURES / rule.id).iterdir()} - {".txt"}
        assert suffixes == {SUFFIXES[language] for language in Language if language not in rule.not_in}, rule.id
        assert (FIXTURES / rule.id / "expected.txt").is_file()
        assert (FIXTURES.parent / rule.page).is_file()


def test_every_rule_has_a_section() -> None:
    assert {section(rule) for rule in RULES} <= set(SECTIONS.values())


@each_rule
def test_options_are_what_the_check_takes(rule: Rule) -> None:
    parameters = inspect.signature(rule.check).parameters.values()
    taken = {each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY}
    assert taken == {option.name for option in rule.options}
    for option in rule.options:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", option.name)
        assert option.summary.endswith(".")
        assert isinstance(option.default, int | float | str | tuple | date)


def test_rules_are_short(record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]) -> None:
    """A rule is a page of prose and a handful of lines of logic; who needs more is looking for a helper."""
    lengths = {rule.id: logic(FOLDER / f"{module_name(rule)}.py") for rule in RULES}
    whole = statistics.median(
        len((FOLDER / f"{module_name(rule)}.py").read_text("utf-8").splitlines()) for rule in RULES
    )
    median = statistics.median(lengths.values())
    record_property("median_lines_of_logic", median)
    longest = max(lengths, key=lambda each: lengths[each])
    with capsys.disabled():
        print(
            f"\nrules: median {median:g} lines of logic of {whole:g}; the longest is {longest} with {lengths[longest]}"
        )
    assert median <= 30


def logic(module: Path) -> int:
    """How many lines of code a rule has beside its metadata and prose, without blank lines, docstrings and imports."""
    tree = ast.parse(module.read_text("utf-8"))
    count = 0
    for node in tree.body:
        prose = isinstance(node, ast.Expr | ast.Import | ast.ImportFrom)
        is_rule = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "RULE"
        if not prose and not is_rule:
            count += len(ast.unparse(without_docstring(node)).splitlines())
    return count


def without_docstring(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
        node.body = node.body[1:] or [ast.Pass()]
    return node


def test_options_are_explained_as_they_are_configured() -> None:
    pages = {rule.id: markdown(rule) for rule in RULES}
    assert "- `very-wide` (default `65536`; at least 1; at most 2147483648): " in pages["PGF302"]
    assert "- `as-of` (default today): " in pages["PGF705"]
    assert "- `require` (default `false`): " in pages["PGF601"]
    assert "- `accepted` (default none): " in pages["PGF507"]
    assert "- `classes` (default `role`, `ddl`): " in pages["PGF506"]
    days = {option["name"]: option["default"] for rule in RULES for option in facts(rule)["options"]}
    assert days["as-of"] == "today"
    assert "0001-01-01" not in json.dumps([facts(rule) for rule in RULES]) + "".join(pages.values())
