"""SARIF as GitHub, editors and the standard want it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pgflexlint import __version__
from pgflexlint.outputs import Options, Provenance, renderer
from pgflexlint.outputs._remote import repository_uri
from pgflexlint.outputs.sarif import line_hash, places
from pgflexlint.report import Report
from pgflexlint.rule import Level
from pgflexlint.source import SourceFile, Span
from pgflexlint_rules import RULES as CATALOGUE
from tests.command_line import SERVER, Check, Write
from tests.conftest import Matches
from tests.console import pgflexlint
from tests.paths import FIXTURES
from tests.report_factory import (
    HOSTILE,
    MODULE,
    NO_BACKUP,
    PLAINTEXT,
    ROOT,
    RULES,
    TLS,
    at,
    everything,
    finding,
    open_rules,
    report,
)  # fmt: skip

SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0.json").read_bytes())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
COMMIT = Provenance(repository="https://me:t0ken@github.com/o/n.git", revision="0" * 40, branch="main")
ALL = Options(show_unknown=True, show_suppressed=True, category="nightly", provenance=COMMIT)


def log(seen: Report, options: Options = Options(provenance=COMMIT)) -> dict[str, Any]:  # noqa: B008
    document: dict[str, Any] = json.loads(renderer("sarif")(seen, options))
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    (run,) = document["runs"]
    return dict(run)


def test_everything_is_written_as_recorded(matches: Matches) -> None:
    text = renderer("sarif")(everything(), ALL)
    matches("everything.sarif", text.replace(__version__, "VERSION"))
    assert text == renderer("sarif")(everything(), ALL)


@pytest.mark.parametrize("seen", [report(), report(rules=()), report(exit_code=4), everything()])
@pytest.mark.parametrize("options", [Options(), ALL])
def test_every_log_is_valid(seen: Report, options: Options) -> None:
    run = log(seen, options)
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["invocations"][0]["executionSuccessful"] is (seen.exit_code != 4)
    assert "uri" not in run["originalUriBaseIds"]["%SRCROOT%"]


def test_a_level_is_written_even_where_it_is_the_default() -> None:
    """Without it the level of the rule would count."""
    (result,) = log(report(replace(PLAINTEXT, level=Level.WARNING)))["results"]
    assert result["level"] == "warning"


def test_what_depends_on_the_rule_comes_first_and_then_what_depends_on_the_place() -> None:
    """A compressed log is smaller then."""
    for result in log(everything(), ALL)["results"]:
        expected = ["ruleId", "ruleIndex", "level", "kind", "message", "partialFingerprints", "locations"]
        first = [key for key in expected if key in result]
        assert list(result)[: len(first)] == first
        region = result["locations"][0]["physicalLocation"]["region"]
        assert list(region) == ["startLine", "endLine", "startColumn", "endColumn", "snippet"]


def test_the_value_comes_with_its_way() -> None:
    (result,) = log(report(PLAINTEXT))["results"]
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["physicalLocation"]["artifactLocation"]["uri"] for step in steps] == [
        "terraform.tfvars", "main.tf", "modules/postgres/main.tf", "modules/postgres/main.tf",
    ]  # fmt: skip
    assert [step.get("importance") for step in steps] == ["essential", None, None, "essential"]
    assert {step["nestingLevel"] for step in steps} == {1}
    assert steps[-1]["location"]["physicalLocation"]["region"] == result["locations"][0]["physicalLocation"]["region"]


def test_messages_can_be_made_from_their_templates() -> None:
    run = log(everything(), ALL)
    for result in run["results"]:
        message, rule = result["message"], run["tool"]["driver"]["rules"][result["ruleIndex"]]
        text = rule["messageStrings"][message["id"]]["text"].format(*message.get("arguments", ()))
        assert re.fullmatch(re.escape(text) + r"( \[.*\]\(\d\))*", message["text"])
        assert rule["id"] == result["ruleId"]


def test_related_places_are_linked_and_hostile_text_makes_no_link() -> None:
    for result in log(everything(), ALL)["results"]:
        targets = re.findall(r"(?<!\\)\]\(([^)]*)\)", result["message"]["text"])
        assert targets == [str(place["id"]) for place in result.get("relatedLocations", ())]


def test_findings_of_a_rule_on_a_line_are_one_result() -> None:
    """GitHub would take them for one alert and show either message."""
    other = finding(
        open_rules()[0].rule, at(ROOT, "start_ip_address"), "b", "1", "main", address="b", level=Level.ERROR
    )
    (result,) = log(report(*open_rules(), other))["results"]
    assert result["level"] == "error"
    assert result["message"]["text"].endswith("The same line has '2' more like it.")
    assert len(result["locations"][0]["logicalLocations"]) == 3
    assert [place["physicalLocation"]["region"]["startColumn"] for place in result["relatedLocations"]] == [22]
    assert len(result["codeFlows"]) == 1


def test_no_two_results_of_a_rule_have_one_fingerprint_in_a_file() -> None:
    keys = [
        (result["ruleId"], result["partialFingerprints"]["primaryLocationLineHash"])
        for result in log(everything())["results"]
    ]
    assert len(keys) == len(set(keys))


def test_what_was_redacted_is_said_to_be() -> None:
    assert log(everything())["redactionTokens"] == ["[REDACTED]"]
    assert "redactionTokens" not in log(report(PLAINTEXT))


def test_suppressed_results_and_doubts_are_written_only_when_asked_for() -> None:
    kinds = [(result.get("kind"), "suppressions" in result) for result in log(everything(), ALL)["results"]]
    assert kinds[-2:] == [(None, True), ("open", False)]
    assert {("suppressions" in result, result.get("kind")) for result in log(everything())["results"]} == {
        (False, None)
    }


def test_problems_are_notifications() -> None:
    run = log(everything())
    (invocation,) = run["invocations"]
    descriptors = run["tool"]["driver"]["notifications"]
    seen = [
        (kind, notification["level"], notification["descriptor"]["id"])
        for kind in ("toolExecutionNotifications", "toolConfigurationNotifications")
        for notification in invocation[kind]
        if descriptors[notification["descriptor"]["index"]]["id"] == notification["descriptor"]["id"]
    ]
    assert seen == [
        ("toolExecutionNotifications", "error", "syntax-error"),
        ("toolExecutionNotifications", "error", "unreadable-file"),
        ("toolConfigurationNotifications", "warning", "configuration"),
    ]


def test_github_is_given_no_more_than_it_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pgflexlint.outputs.sarif.LIMIT", 3)
    files = [SourceFile(f"{index}.tf", "x") for index in range(6)]
    levels = [Level.NOTE, Level.ERROR, Level.WARNING, Level.NOTE, Level.ERROR, Level.NOTE]
    seen = [replace(NO_BACKUP, span=Span(file, 0, 1), level=level) for file, level in zip(files, levels, strict=True)]
    run = log(report(*seen))
    assert [result["level"] for result in run["results"]] == ["error", "warning", "error"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == "The '3' least severe results after the first '3' are left out."


def test_rules_say_what_github_shows() -> None:
    for rule in log(report(rules=CATALOGUE))["tool"]["driver"]["rules"]:
        assert 0 < len(rule["shortDescription"]["text"]) < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["properties"]["tags"][0] == "security"
        assert isinstance(rule["properties"]["security-severity"], str)
        assert rule["helpUri"].endswith(f"/v{__version__}/docs/rules/{rule['id']}.md")
        assert re.fullmatch(r"([A-Z][a-z0-9]+)+", rule["name"])
        assert f"\n\n# pgflexlint: ignore[{rule['id']}] reason\n" in rule["help"]["text"]
    assert "external/cwe/cwe-319" in log(report())["tool"]["driver"]["rules"][0]["properties"]["tags"]


def test_weaknesses_are_a_taxonomy() -> None:
    run = log(report())
    taxa = {taxon["id"] for taxon in run["taxonomies"][0]["taxa"]}
    assert taxa == {f"CWE-{number}" for rule in RULES for number in rule.cwe}
    targets = {
        relation["target"]["id"]
        for rule in run["tool"]["driver"]["rules"]
        for relation in rule.get("relationships", ())
    }
    assert targets == taxa


@pytest.mark.parametrize(
    ("remote", "uri"),
    [
        ("https://me:t0ken@github.com/o/n.git", "https://github.com/o/n"),
        ("https://github.com/o/n/", "https://github.com/o/n"),
        ("git@github.com:o/n.git", "https://github.com/o/n"),
        ("ssh://git@ssh.example:22/o/n.git", "https://ssh.example/o/n"),
        ("https://ghe.example:8443/o/n?token=t0ken#t0ken", "https://ghe.example:8443/o/n"),
        ("https://t0ken@dev.azure.com/o/p/_git/n", "https://dev.azure.com/o/p/_git/n"),
        ("/home/me/n.git", None),
        ("../n", None),
        ("https://[x", None),
        ("C:\\t0ken\\n", None),
    ],
)
def test_remotes_are_shown_without_what_opens_them(remote: str, uri: str | None) -> None:
    assert repository_uri(remote) == uri


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b#c?.tf", "a%20b%23c%3F.tf"),
        ("c:d/ü%41.tf", "c%3Ad/%C3%BC%2541.tf"),
        (".terraform/modules/x@1/main.tf", ".terraform/modules/x@1/main.tf"),
    ],
)  # fmt: skip
def test_paths_are_escaped(path: str, uri: str) -> None:
    assert places.artifact(path) == {"uri": uri, "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize("size", [1, 10, 5000, 50_000])
def test_context_is_more_than_the_place_and_bounded(size: int) -> None:
    file = SourceFile("a.tf", f"{'x' * size}here{'x' * size}\n")
    region, context = at(file, "here"), places.around(at(file, "here"))
    assert context is not None
    assert context.start < region.start < region.end < context.end
    assert context.end - context.start <= places.SNIPPET
    assert places.around(Span(SourceFile("b.tf", "x"), 0, 1)) is None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("lines", "context"),
    [
        (["one", "here", "two", "three"], {"startLine": 1, "endLine": 3}),
        (["here = 1"], {"startLine": 1, "endLine": 1}),
        (["one", f"here{'x' * 5000}"], {"startLine": 1, "startColumn": 1, "endLine": 2, "endColumn": 305}),
        ([f"{'x' * 5000}here", "two"], {"startLine": 1, "startColumn": 4701, "endLine": 2, "endColumn": 4}),
    ],
)
def test_context_has_columns_only_if_it_is_a_part_of_its_lines(
    lines: list[str], context: dict[str, int], end: str
) -> None:
    file = SourceFile("a.tf", end.join(lines))
    (result,) = log(report(finding(TLS, at(file, "here"), "x", address="a.b")))["results"]
    region = result["locations"][0]["physicalLocation"]["contextRegion"]
    assert region.pop("snippet")["text"] in file.text
    assert region == context


# ------------------------------------------------------------------------------------------------- line hashes


@pytest.mark.parametrize(
    ("file", "number", "value"),
    [
        # From the SARIF Multitool 5.7.0: rewrite --insert RollingHashPartialFingerprints.
        (HOSTILE, 2, "dc1d77c444a185c1:1"),
        (ROOT, 6, "d01f6735b369b9e0:1"),
        (ROOT, 7, "938f60d3ac3c0244:1"),
        (ROOT, 12, "967c8c4ab1533172:1"),
        (ROOT, 13, "bb3010b38fc16afc:1"),
        (MODULE, 5, "18d1a3dddb9d9816:1"),
    ],
)
def test_line_hashes_are_those_of_the_multitool(file: SourceFile, number: int, value: str) -> None:
    assert line_hash.line_hashes(file)[number - 1] == value


def rolling(text: str) -> dict[int, str]:
    """The algorithm of github/codeql-action step by step: slow, and as its description says."""
    window, lines, index, value, number, fresh, return_before = [0] * 100, [0] * 100, 0, 0, 0, True, False
    seen: dict[int, int] = {}
    hashes: dict[int, str] = {}

    def update(unit: int) -> None:
        nonlocal index, value
        value = (37 * value + unit - pow(37, 100) * window[index]) % 2**64
        window[index] = unit
        index = (index + 1) % 100

    def leave() -> None:
        if lines[index]:
            seen[value] = seen.get(value, 0) + 1
            hashes[lines[index]] = f"{value:x}:{seen[value]}"
            lines[index] = 0

    data = text.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(data[at : at + 2], "little") for at in range(0, len(data), 2)]
    for unit in [*units, 0xFFFF]:
        if unit in (32, 9) or (return_before and unit == 10):
            return_before = False
            continue
        return_before = unit == 13
        leave()
        if fresh:
            number += 1
            lines[index] = number
        fresh = unit in (10, 13)
        update(10 if unit == 13 else unit)
    for _ in range(100):
        leave()
        update(0)
    return hashes


@given(
    st.lists(st.sampled_from(["a", "b", " ", "\t", "\n", "\r", "\r\n", "é", "🐘", "\ufeff", "x" * 99, "y" * 100])).map(
        "".join
    ),
    st.booleans(),
)
def test_line_hashes_are_those_of_the_rolling_algorithm(text: str, mark: bool) -> None:
    mine = line_hash.line_hashes(SourceFile("a.tf", text, byte_order_mark=mark))
    assert dict(enumerate(mine, 1)) == rolling("\ufeff" * mark + text)
    assert len(mine) == len(SourceFile("a.tf", text).line_starts)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_line_hashes_of_utf_16_are_those_of_its_bytes_read_as_utf_8(
    write: Write, run: Check, encoding: str, mark: bool, end: str
) -> None:
    text = SERVER.replace("psql-ledger", "psql-büro-\u2028-🐘").replace("\n", end)
    content = ("\ufeff" * mark + text).encode(encoding)
    write({"main.tf": content})
    hashes = rolling(content.decode("utf-8", "replace"))
    results = json.loads(run("check", "--format", "sarif")[1])["runs"][0]["results"]
    assert results
    for result in results:
        line = result["locations"][0]["physicalLocation"]["region"]["startLine"]
        assert result["partialFingerprints"]["primaryLocationLineHash"] == hashes[line]


def test_lines_put_above_change_no_fingerprint() -> None:
    text = 'resource "a" "b" {\n  value = "off"\n}\n' + "# the end\n" * 30
    before, after = SourceFile("a.tf", text), SourceFile("a.tf", "# new\n\n" + text)
    prints = [
        log(report(finding(TLS, at(file, '"off"'), "x", address="a.b")))["results"][0]["partialFingerprints"]
        for file in (before, after)
    ]
    assert prints[0] == prints[1]
    moved = SourceFile("b.tf", text)
    (result,) = log(report(finding(TLS, at(moved, '"off"'), "x", address="a.b")))["results"]
    assert result["partialFingerprints"]["pgflexlintFinding/v1"] != prints[0]["pgflexlintFinding/v1"]


def test_others_find_their_library_as_it_is() -> None:
    """We import some of its modules only, and leave no trace of that."""
    program = (
        "import sys; from pgflexlint.outputs.sarif import objects; assert 'sarif_om' not in sys.modules;"
        "assert 'sarif_om._stack' not in sys.modules; import sarif_om; assert sarif_om.Stack;"
        "assert sarif_om.Result is objects.Result; assert issubclass(objects.Suppression, sarif_om.Suppression)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    other_way = "import sarif_om; from pgflexlint.outputs.sarif import objects; assert sarif_om.Run is objects.Run"
    subprocess.run([sys.executable, "-c", other_way], check=True)


def test_the_bytes_are_the_same_in_every_checkout_and_from_every_directory(tmp_path: Path) -> None:
    seen = set()
    for number, below in enumerate((".", ".", "modules/postgres")):
        checkout = tmp_path / f"checkout {number}"
        shutil.copytree(FIXTURES / "projects" / "webshop", checkout)
        (checkout / ".git").mkdir()
        top = "../" * (0 if below == "." else below.count("/") + 1)
        pgflexlint("check", f"./{top}", "-o", "sarif:out.sarif", cwd=checkout / below, PYTHONHASHSEED=str(number))
        seen.add((checkout / below / "out.sarif").read_bytes())
    assert len(seen) == 1
    assert b"checkout" not in seen.pop()


def test_how_many_more_there_are_is_said_whatever_arguments_a_message_leaves_out(write: Write, run: Check) -> None:
    instances = SERVER.replace("{\n", "{\n  count = 2\n", 1).replace('"16"', '"11"')
    write({"main.tf": instances})
    (run_,) = json.loads(run("check", "--isolated", "--select", "PGF705", "--format", "sarif")[1])["runs"]
    (result,) = run_["results"]
    assert result["message"]["text"].endswith("The same line has '1' more like it.")
    message, (rule,) = result["message"], run_["tool"]["driver"]["rules"]
    template = rule["messageStrings"][message["id"]]["text"]
    assert template.format(*message["arguments"]) == message["text"]
