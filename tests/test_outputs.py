"""What a report looks like in the formats for people and programs; SARIF is in `test_sarif.py`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from pgflexlint import explain
from pgflexlint.outputs import FORMATS, Options, Provenance, renderer
from pgflexlint.problem import Kind, Problem
from pgflexlint.redaction.redactor import Redactor
from pgflexlint.report import Allowance, By, Coverage, Doubt, Report
from pgflexlint.rule import Level, Related
from pgflexlint.source import SourceFile, Span
from pgflexlint.values import Step
from tests.conftest import Matches
from tests.paths import ROOT as ROOT_DIRECTORY
from tests.report_factory import (
    INPUTS,
    NO_BACKUP,
    OPEN,
    PLAINTEXT,
    ROOT,
    RULES,
    SECRET,
    TLS,
    at,
    everything,
    finding,
    open_rules,
    report,
    told_about,
)  # fmt: skip

ALL = Options(show_unknown=True, show_suppressed=True)
PROVENANCE = Provenance(repository="git@github.com:contoso/shop.git", revision="0123456789abcdef" * 2 + "01234567")

STYLE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "sarif"])
def test_everything_is_shown_as_recorded(name: str, matches: Matches) -> None:
    matches(f"everything.{name}", renderer(name)(everything(), ALL))


def test_colour_changes_nothing_but_the_colour(matches: Matches) -> None:
    plain = renderer("text")(everything(), ALL)
    colored = renderer("text")(everything(), replace(ALL, color=True))
    assert STYLE.sub("", colored) == plain
    assert "\x1b[1;31merror[PGF101]\x1b[0m" in colored


@pytest.mark.parametrize("name", FORMATS)
def test_without_options_only_findings_and_problems_are_shown(name: str) -> None:
    text = renderer(name)(everything())
    assert text.endswith("\n")
    if name != "json":
        assert "variable 'tls' has no value" not in text
        assert "moved next week" not in text


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("color", [False, True])
def test_no_format_shows_a_secret(name: str, color: bool) -> None:
    assert SECRET not in renderer(name)(everything(), replace(ALL, color=color))


def test_a_secret_is_hidden_where_it_is_cut() -> None:
    """By the edge of a frame, of a marked part or of a line."""
    file = SourceFile("a.tf", 'x = "first line\nsecond line" + "first line\nsecond line"\n')
    secrets = Redactor(frozenset({"first line\nsecond line"}))
    for text in ("line\nsec", "first", "second", "line", "+"):
        for nth in range(file.text.count(text)):
            shown = renderer("text")(report(finding(TLS, at(file, text, nth), "x", address="x"), secrets=secrets))
            assert not {"first", "second"} & set(re.findall(r"\w+", shown))
            assert Redactor.MARK in shown


def test_a_tab_and_a_wide_character_keep_the_carets_below_the_source() -> None:
    file = SourceFile("a.tf", "\ta\t= 東京🐘 é\u0301 here # there\n")
    lines = renderer("text")(report(finding(TLS, at(file, "here"), "x", address="x"))).splitlines()
    source, carets = lines[3], lines[4]
    columns = sum(
        2 if character in "東京🐘" else 0 if character == "\u0301" else 1 for character in source.split("here")[0]
    )
    assert carets.index("^") == columns
    assert carets.count("^") == len("here")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_long_line_is_cut_around_what_is_wrong(width: int) -> None:
    file = SourceFile("a.json", "{" + '"before": 1, ' * 5000 + '"wrong": "東京"' + ', "after": 1' * 5000 + "}")
    lines = renderer("text")(
        report(finding(TLS, at(file, '"東京"'), "x", address="x")), Options(width=width)
    ).splitlines()
    source, carets = lines[3], lines[4]
    assert source.count("…") == 2
    assert len(source) + 2 <= max(width, 48)
    wide = source.index('"東京"')
    assert (carets.index("^"), carets.count("^")) == (wide, 6)


def test_many_instances_of_one_thing_are_one_block() -> None:
    text = renderer("text")(report(*(told_about(PLAINTEXT, address=f"x[{index}]") for index in range(9))))
    assert text.count("error[PGF101]") == 1
    assert "x[4]" in text
    assert "x[5]" not in text
    assert "and 4 others" in text
    assert "Found 9 errors in 1 file" in text


def test_a_long_way_shows_both_its_ends() -> None:
    trace = tuple(Step(at(INPUTS, "z = 1", index), f"stop {index}") for index in range(12))
    text = renderer("text")(report(told_about(PLAINTEXT, trace=trace)))
    assert re.findall(r"stop (\d+)", text) == ["11", "10", "9", "8", "0"]
    assert "and 7 more in between" in text


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (report(), "All clear: nothing wrong with 1 server (3 rules, 4 files read)."),
        (report(coverage=Coverage(files=7)), "Found no flexible server to judge (7 files read)."),
        (
            report(problems=(Problem(Kind.SYNTAX, "Broken.", "a.tf"),)),
            "Found nothing wrong in what could be scanned (1 server, 3 rules, 4 files read). "
            "Not scanned: 1 file in part or whole, for the problems above.",
        ),
        (
            report(
                rules=RULES[:1], coverage=Coverage(files=1000, servers=2, skipped={"modules that are not on disk": 2})
            ),
            "Found nothing wrong with 2 servers (1 rule, 1,000 files read). "
            "Not scanned: modules that are not on disk: 2.",
        ),
        (
            report(NO_BACKUP, doubts=(Doubt(TLS, "x", "it is", at(ROOT, "main")),), suppressed=(NO_BACKUP, NO_BACKUP)),
            "Found 1 note in 1 file (1 server, 3 rules). "
            "1 check could not be decided (--show-unknown); 2 findings are allowed (--show-suppressed).",
        ),
    ],
)  # fmt: skip
def test_the_summary_says_what_was_not_looked_at(seen: Report, words: str) -> None:
    for name in ("concise", "github"):
        assert renderer(name)(seen).splitlines()[-1] == words
    assert words in " ".join(renderer("text")(seen).splitlines())


def test_json_counts_columns_as_editors_do() -> None:
    file = SourceFile("a.tf", "\n🐘 = here\n")
    (found,) = json.loads(renderer("json")(report(finding(TLS, at(file, "here"), "x", address="x"))))["findings"]
    assert (found["line"], found["column"], found["endLine"], found["endColumn"]) == (2, 6, 2, 10)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "sarif"])
def test_only_sarif_imports_sarif_om(name: str) -> None:
    code = (
        "import sys\n"
        "from tests.report_factory import everything\n"
        "from pgflexlint.outputs import renderer\n"
        f"renderer({name!r})(everything())\n"
        "print({'sarif_om', 'attr', 'rich', 'jsonschema', 'hcl2', 'lark'} & set(sys.modules) or '')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert ended.stdout.strip() == ""


# ------------------------------------------------------------------------------------------------- hostile text


REGISTERED = {"add-mask", "add-path", "debug", "echo", "endgroup", "error", "group", "notice", "set-env", "set-output",
              "save-state", "stop-commands", "warning", "x"}  # fmt: skip


def obeyed(output: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """The commands that GitHub's runner finds in what a step prints: `ActionCommand.cs` in actions/runner."""
    for line in re.split(r"\r\n|\r|\n", output):
        command = _second_form(line) or _first_form(line)
        if command is not None:
            yield command


def _second_form(line: str) -> tuple[str, dict[str, str], str] | None:
    line = line.lstrip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, rest = line[2:end].partition(" ")
    if name not in REGISTERED:
        return None
    pairs = [pair.partition("=") for pair in rest.strip().split(",") if pair]
    data = _unescape(line[end + 2 :], "")
    return name, {key: _unescape(value, ":,") for key, equals, value in pairs if equals and key and value}, data


def _first_form(line: str) -> tuple[str, dict[str, str], str] | None:
    match = re.search(r"##\[([^\]]*)\]", line)
    name = match[1].partition(" ")[0] if match else ""
    return (name, {}, "") if name in REGISTERED else None


def _unescape(text: str, more: str) -> str:
    for character in f"\r\n{more}%":
        text = text.replace(f"%{ord(character):02X}", character)
    return text


PIECES = st.one_of(
    st.text(max_size=20),
    st.sampled_from([
        "\n", "\r", "\r\n", "\t", "::", "::error::", "::add-mask::x", "##[group]x", "##", "[error]", "##vso[task.x]y",
        "\x1b[31m",
        "%0A", "%25", "%", ":", ",", "\x1b]8;;x\x07", "\u202e", "\u2028", "\x85", "\x7f", "\x1e", "\ud800", "🐘", "東"
        "{0}", "{", "}", "](", "|<!--", "`", "</details>", "=", " ", '"results": []', "\\",
    ]),
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=6).map("".join)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A report in which every text that a scanned file has a say in is hostile."""

    def span() -> Span:
        text = draw(TEXTS)
        start = draw(st.integers(0, len(text)))
        return Span(SourceFile(draw(TEXTS) or "x", text), start, draw(st.integers(start, len(text))))

    found = finding(
        OPEN, span(), draw(TEXTS), draw(TEXTS), draw(TEXTS), address=draw(TEXTS), level=draw(st.sampled_from(Level)),
        trace=(Step(span(), draw(TEXTS)),), related=(Related(span(), draw(TEXTS)),), scenarios=(draw(TEXTS),),
        allowance=Allowance(draw(st.sampled_from(By)), draw(TEXTS), draw(st.just(span()) | TEXTS)),
    )  # fmt: skip
    problem = Problem(
        draw(st.sampled_from(Kind)), draw(TEXTS), draw(TEXTS), draw(st.none() | st.just(span())), draw(TEXTS)
    )
    doubt = Doubt(TLS, draw(TEXTS), draw(TEXTS), span(), (Step(span(), draw(TEXTS)),))
    secrets = Redactor(frozenset(draw(st.lists(TEXTS, max_size=2))), (span(),))
    return report(found, problems=(problem,), doubts=(doubt,), suppressed=(found,), secrets=secrets)


@given(reports())
def test_hostile_text_reaches_no_terminal_and_no_runner(hostile: Report) -> None:
    for name in ("text", "concise"):
        output = renderer(name)(hostile, ALL)
        assert all(line.isprintable() for line in output.split("\n"))
        assert list(obeyed(output)) == []
        assert "##vso[" not in output
    colored = renderer("text")(hostile, replace(ALL, color=True))
    assert STYLE.sub("", colored) == renderer("text")(hostile, ALL)
    for name in ("json", "sarif", "gitlab"):
        output = renderer(name)(hostile, ALL)
        json.loads(output)
        assert output.isascii()
        assert list(obeyed(output)) == []
    for name in ("junit", "markdown"):
        output = renderer(name)(hostile, ALL)
        assert all(line.isprintable() for line in output.replace("\u200b", "").split("\n"))
        assert list(obeyed(output)) == []
        assert "##vso[" not in output


@given(reports())
def test_hostile_text_stays_in_its_test_case(hostile: Report) -> None:
    suites = ElementTree.fromstring(renderer("junit")(hostile, ALL).encode())
    assert {element.tag for element in suites.iter()} == {"testsuites", "testsuite", "testcase", "failure", "error"}
    assert (suites.get("failures"), suites.get("errors")) == ("1", "1")


@given(reports())
def test_hostile_text_stays_in_its_issue(hostile: Report) -> None:
    lines = renderer("azure")(hostile, ALL).split("\n")
    commands = [line for line in lines if "##vso[" in line]
    assert len(commands) == 1 + (hostile.findings[0].level is not Level.NOTE)
    for command in commands:
        fields, message = re.fullmatch(r"##vso\[task\.logissue ((?:[a-z]+=[^;\]]*;)+)\](.*)", command).groups()  # type: ignore[union-attr]
        names = [field.partition("=")[0] for field in fields.split(";") if field]
        known = ["type", "sourcepath", "linenumber", "columnnumber", "code"]
        assert names == [name for name in known if name in names]
        assert message.isprintable()


@given(reports())
def test_hostile_text_stays_in_its_cell(hostile: Report) -> None:
    page = renderer("markdown")(hostile, replace(ALL, provenance=PROVENANCE))
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert len(rows) == 3
    assert [len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows] == [6, 6, 6]
    assert not re.search(r"(?<!\\)(?:\\\\)*<(?!/?(?:details|summary)>)", page)
    assert not re.search(r"@\w", page)
    assert set(re.findall(r"https?://[^/)]*", page)) == {"https://github.com"}


@given(reports())
def test_hostile_text_stays_in_its_annotation(hostile: Report) -> None:
    commands = list(obeyed(renderer("github")(hostile, ALL)))
    assert sorted(name for name, _, _ in commands) == sorted(
        [{"note": "notice"}.get(hostile.findings[0].level.value, hostile.findings[0].level.value), "error"]
    )
    assert {data.split("\nFix: ")[-1] for _, fields, data in commands if fields["title"].startswith("PGF301")} == {
        OPEN.fix_terraform
    }
    assert {key for _, fields, _ in commands for key in fields} <= {
        "title",
        "file",
        "line",
        "endLine",
        "col",
        "endColumn",
    }


def test_github_is_given_no_more_than_it_shows() -> None:
    many = [replace(NO_BACKUP, span=Span(INPUTS, index, index + 1), level=Level.ERROR) for index in range(12)]
    lines = [replace(item, span=Span(SourceFile(f"{index}.tf", "x"), 0, 1)) for index, item in enumerate(many)]
    problems = tuple(Problem(Kind.SYNTAX, f"Broken {index}.", f"{index}.tf") for index in range(5))
    commands = list(obeyed(renderer("github")(report(*lines, problems=problems))))
    assert len(commands) == 10
    assert [fields["title"] for _, fields, _ in commands[:4]] == ["pgflexlint syntax-error"] * 3 + [
        "PGF701 geo-backup-disabled"
    ]
    assert commands[-1][2] == "8 more errors: see the log, the job summary or the SARIF."


def test_a_summary_links_to_the_commit() -> None:
    page = renderer("markdown")(report(NO_BACKUP), replace(ALL, provenance=PROVENANCE))
    assert "(https://github.com/contoso/shop/blob/0123456789abcdef0123456789abcdef01234567/main.tf#L6)" in page


def test_a_summary_stays_below_githubs_limit() -> None:
    huge = replace(PLAINTEXT, arguments=("x" * 10_000,))
    long = [told_about(huge, address=f"x[{index}]") for index in range(25_000)]
    page = renderer("markdown")(report(*long))
    assert len(page.encode()) < 1 << 20
    assert "… and 24,950 more findings; the other outputs have them all." in page


def test_gitlab_fingerprints_are_unique_and_survive_moves() -> None:
    twice = report(PLAINTEXT, PLAINTEXT, NO_BACKUP)
    prints = [entry["fingerprint"] for entry in json.loads(renderer("gitlab")(twice))]
    assert len(set(prints)) == 3
    file = PLAINTEXT.span.file
    lower = SourceFile(file.path, f"# new\n\n{file.text}")
    moved = replace(PLAINTEXT, span=Span(lower, PLAINTEXT.span.start + 7, PLAINTEXT.span.end + 7))
    assert json.loads(renderer("gitlab")(report(moved)))[0]["fingerprint"] in prints


def test_gitlab_knows_a_problem_again_whatever_its_words() -> None:
    def prints(*problems: Problem) -> list[str]:
        return [entry["fingerprint"] for entry in json.loads(renderer("gitlab")(report(problems=problems)))]

    problem = Problem(Kind.SYNTAX, "There is no value.", "main.tf", hint="Write one.")
    others = (replace(problem, path="b.tf"), replace(problem, kind=Kind.LIMIT))
    first, second, *rest = prints(problem, replace(problem, message="A bracket is missing."), *others)
    assert len({first, second, *rest}) == 4
    assert prints(replace(problem, message="A value is missing.", hint="Add it.")) == [first]


def test_junit_without_findings_passes() -> None:
    suites = ElementTree.fromstring(renderer("junit")(report()).encode())
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("1", "0", "0")


def test_github_paths_begin_where_the_workspace_does() -> None:
    (command,) = obeyed(renderer("github")(report(NO_BACKUP), Options(prefix="infra/")))
    assert command[1]["file"] == "infra/main.tf"


def test_findings_on_one_line_are_one_annotation() -> None:
    (command,) = obeyed(renderer("github")(report(*open_rules())))
    assert 'all["office"] and 1 other\n' in command[2]


# ------------------------------------------------------------------------------------------------- pages


@pytest.mark.parametrize("rule", [TLS, OPEN, NO_BACKUP.rule], ids=lambda rule: rule.id)
def test_the_page_of_a_rule_is_as_recorded(rule: object, matches: Matches) -> None:
    assert isinstance(rule, type(TLS))
    matches(f"{rule.id}.md", explain.markdown(rule))
    matches(f"{rule.id}.txt", explain.plain(rule))


def test_every_kind_of_problem_is_explained() -> None:
    assert set(explain.PROBLEMS) == set(Kind)
    for kind in Kind:
        assert f"## {kind.value}\n" in explain.problems()


@pytest.mark.parametrize(
    ("score", "word"), [(9.1, "critical"), (9.0, "high"), (7.0, "high"), (6.9, "medium"), (3.9, "low")]
)
def test_severity_has_githubs_words(score: float, word: str) -> None:
    assert explain.severity(replace(TLS, security_severity=score)) == word


def test_unknown_formats_are_refused() -> None:
    with pytest.raises(KeyError):
        renderer("_block")


# ------------------------------------------------------------------------------------------------- JSON schema


def test_json_is_as_its_schema_says_and_the_schema_says_it_all() -> None:
    schema = json.loads((ROOT_DIRECTORY / "docs" / "report.schema.json").read_text("utf-8"))
    for part in (schema, schema["properties"]["coverage"], *schema["$defs"].values()):
        if part.get("type") == "object":
            part["unevaluatedProperties"] = False
    for name in ("place", "finding"):  # what other definitions add to
        schema["$defs"][name].pop("unevaluatedProperties")
    validator = Draft202012Validator(schema)
    validator.check_schema(schema)
    seen = everything()
    assert seen.findings
    assert seen.problems
    assert seen.doubts
    assert seen.suppressed
    for each in (seen, report()):
        validator.validate(json.loads(renderer("json")(each, ALL)))
    lacking = json.loads(renderer("json")(seen, ALL))
    lacking["coverage"]["surprise"] = 1
    assert not validator.is_valid(lacking)


@pytest.mark.parametrize("name", FORMATS)
def test_names_of_a_megabyte_break_no_format(name: str) -> None:
    """Every output is written, in a bounded time, and still is what its readers can parse."""
    huge = "é\x1b[2J::add-mask::x##[group]" * 40_000
    file = SourceFile("main.tf", f'resource "x" "{huge}" {{}}\n')
    seen = finding(
        TLS, Span(file, 0, len(file.text) - 3), huge, address=f'x["{huge}"]', trace=(Step(at(file, huge), huge),)
    )
    problem = Problem(Kind.SYNTAX, huge, "main.tf", at(file, huge), huge)
    text = renderer(name)(report(seen, problems=(problem,)), ALL)
    assert "\x1b" not in text
    assert name in ("github", "azure") or list(obeyed(text)) == []
    if name == "github":
        assert {command for command, _, _ in obeyed(text)} <= {"error", "warning", "notice"}
    if name in ("json", "sarif", "gitlab"):
        json.loads(text)
    if name == "junit":
        ElementTree.fromstring(text)
