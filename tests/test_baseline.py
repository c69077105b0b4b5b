"""Findings that are known: written, compared, taken out, and never in the way of new ones."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgflexlint.baseline import dumps, loads, merge_entries, subtract
from pgflexlint.report import Entry
from tests.command_line import PARAMETER, SERVER, Check, Write, found

NAME = ".pgflexlint-baseline.json"
THREE = "PGF701,PGF702,PGF703"
CHECK = ("check", "--select", THREE, "--fail-on", "note", "--format", "concise", "--baseline", NAME)
CREATE = ("baseline", "create", "--select", THREE)
UPDATE = ("baseline", "update", "--select", THREE)


def entries(room: Path, name: str = NAME) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads((room / name).read_text("utf-8"))["findings"]
    return rows


def test_known_findings_do_not_count_and_are_counted(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER})
    assert run(*CREATE) == (0, f"3 findings written to '{NAME}'.\n", "")
    code, output, _ = run(*CHECK)
    assert (code, found(output)) == (0, [])
    assert "3 findings are in the baseline (--show-suppressed)." in output
    assert "main.tf:7:35: allowed PGF702" in run(*CHECK, "--show-suppressed")[1]
    (room / "other.tf").write_text(SERVER.replace('"main"', '"other"'), encoding="utf-8")
    code, output, _ = run(*CHECK)
    assert (code, found(output)) == (1, ["PGF703 other.tf:1", "PGF702 other.tf:7", "PGF701 other.tf:8"])


def test_a_baseline_is_known_from_the_configuration(write: Write, run: Check) -> None:
    room = write(
        {
            ".git/HEAD": "",
            ".pgflexlint.toml": 'baseline = "known.json"\nselect = ["PGF701", "PGF702", "PGF703"]\n',
            "a/main.tf": SERVER,
        }
    )
    assert run("baseline", "create", "a") == (0, "3 findings written to 'known.json'.\n", "")
    assert len(entries(room, "known.json")) == 3
    assert run("check", "a", "--fail-on", "note")[0] == 0
    assert run("check", "a", "--fail-on", "note", "--isolated", "--select", THREE)[0] == 1


def test_a_baseline_is_named_as_seen_from_the_current_directory(
    write: Write, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = write({".git/HEAD": "", "a/main.tf": SERVER})
    assert run(*CREATE, "--baseline", "ci/b3.json") == (0, "3 findings written to 'ci/b3.json'.\n", "")
    monkeypatch.chdir(room / "a")
    code, _, errors = run(*CREATE, "--baseline", "../ci/b3.json")
    assert (code, errors) == (
        2,
        "pgflexlint: '../ci/b3.json' already exists."
        " Run 'pgflexlint baseline update' to remove findings that are fixed.\n",
    )
    (room / ".pgflexlint.toml").write_text('baseline = "ci/none.json"\n', encoding="utf-8")
    assert run("check")[2] == (
        "pgflexlint: ../.pgflexlint.toml:1: There is no baseline '../ci/none.json'."
        " Run 'pgflexlint baseline create' to write one.\n"
    )


def test_an_empty_option_switches_a_configured_baseline_off(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER, ".pgflexlint.toml": f'baseline = "{NAME}"\n'})
    assert run(*CREATE)[0] == 0
    check = ("check", "--select", THREE, "--fail-on", "note")
    assert run(*check)[0] == 0
    assert run(*check, "--baseline", "")[0] == 1
    assert run(*check, "--baseline=")[0] == 1
    (room / NAME).unlink()
    assert run(*check)[0] == 2
    assert run(*check, "--baseline", "")[0] == 1
    assert 'baseline = "" # --baseline' in " ".join(run("config", "show", "--baseline", "")[1].split())


def test_moved_code_is_known(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER})
    run(*CREATE)
    moved = "# one\n\n# two\n" + SERVER.replace("  sku_name", "\n\n  sku_name")
    (room / "main.tf").write_text(moved, encoding="utf-8")
    assert run(*CHECK)[0] == 0
    (room / "main.tf").rename(room / "renamed.tf")
    assert run(*CHECK)[0] == 1, "another file is another place"


def test_a_finding_of_a_module_is_known_on_each_of_its_resources(write: Write, run: Check) -> None:
    call = 'module "%s" {\n  source = "./server"\n}\n'
    room = write({"main.tf": call % "b" + call % "c", "server/main.tf": SERVER})
    said = f"6 findings written to '{NAME}', one for each resource: 'pgflexlint check' shows them as 3.\n"
    assert run(*CREATE) == (0, said, "")
    assert len(entries(room)) == 6
    (room / "main.tf").write_text(call % "c" + call % "b", encoding="utf-8")
    code, output, _ = run(*CHECK)
    assert (code, "of the baseline" in output) == (0, False), "their order does not matter"
    (room / "main.tf").write_text(call % "c", encoding="utf-8")
    assert run(*CHECK)[0] == 0
    (room / "main.tf").write_text(call % "a" + call % "b" + call % "c", encoding="utf-8")
    code, output, _ = run(*CHECK)
    assert (code, len(found(output))) == (1, 3), "one more server is new"


def test_a_checkout_elsewhere_knows_the_same(write: Write, run: Check, tmp_path: Path) -> None:
    write(
        {"one/.git/HEAD": "", "one/infra/main.tf": SERVER, "two/deep/.git/HEAD": "", "two/deep/infra/main.tf": SERVER}
    )
    run("baseline", "create", "one/infra", "--select", THREE, "--baseline", "one.json")
    run("baseline", "create", "two/deep", "--select", THREE, "--baseline", "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert str(tmp_path) not in (tmp_path / "one.json").read_text("utf-8")


def test_of_equal_findings_so_many_are_known_as_there_were(write: Write, run: Check) -> None:
    """Both passwords of one server are the same to a fingerprint."""
    one, other = '  administrator_password = "Not-Real-1"\n', '  administrator_password_wo = "Not-Real-2"\n'
    room = write({"main.tf": SERVER.replace("  version", f"{one}  version")})
    rule = ("--select", "PGF407")
    run("baseline", "create", *rule)
    check = ("check", *rule, "--baseline", NAME, "--format", "concise")
    assert run(*check)[0] == 0
    (room / "main.tf").write_text(SERVER.replace("  version", f"{one}{other}  version"), encoding="utf-8")
    assert found(run(*check)[1]) == ["PGF407 main.tf:6"], "the second one is new"
    assert run("baseline", "update", "--add", *rule)[0] == 0
    assert [row["count"] for row in entries(room)] == [2]
    assert run("baseline", "show")[1].startswith("main.tf: PGF407 [azurerm_postgresql_flexible_server.main], 2 times\n")
    assert run(*check)[0] == 0
    (room / "main.tf").write_text(SERVER.replace("  version", f"{other}  version"), encoding="utf-8")
    assert "1 finding of the baseline is fixed" in run(*check)[1]
    run("baseline", "update", *rule)
    assert [row["count"] for row in entries(room)] == [1]


def test_what_is_fixed_is_said_and_taken_out(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER})
    run(*CREATE)
    (room / "main.tf").write_text(SERVER.replace("= 7", "= 35"), encoding="utf-8")
    code, output, _ = run(*CHECK)
    assert code == 0
    assert "1 finding of the baseline is fixed: run 'pgflexlint baseline update' to remove it." in output
    report = json.loads(run("check", "--select", THREE, "--baseline", NAME, "--format", "json")[1])
    assert report["baseline"] == {
        "path": NAME, "known": 2, "fixed": ["main.tf: PGF702 [azurerm_postgresql_flexible_server.main]"],
    }  # fmt: skip
    assert run(*UPDATE) == (0, "Removed 1 fixed finding from the baseline.\n", "")
    assert [row["rule"] for row in entries(room)] == ["PGF701", "PGF703"]
    assert "no more" not in run(*CHECK)[1]


def test_new_findings_are_taken_in_only_when_asked_for(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER})
    run(*CREATE)
    (room / "other.tf").write_text(SERVER.replace('"main"', '"other"'), encoding="utf-8")
    assert run(*UPDATE)[1] == (
        "Removed 0 fixed findings from the baseline; 3 new findings not added (--add adds them).\n"
    )
    assert len(entries(room)) == 3
    assert run(*UPDATE, "--add")[1] == "Removed 0 fixed findings from the baseline and added 3 new findings.\n"
    assert len(entries(room)) == 6
    assert run(*CHECK)[0] == 0


def test_what_was_not_looked_at_is_not_taken_for_fixed(write: Write, run: Check) -> None:
    room = write({".git/HEAD": "", "a/main.tf": SERVER, "b/main.tf": SERVER})
    run(*CREATE)
    assert "no more" not in run(*CHECK, "a")[1], "another directory"
    assert "no more" not in run(*CHECK, "a/main.tf")[1], "a file"
    assert "no more" not in run("check", "--select", "PGF702", "--baseline", NAME)[1], "a rule"
    (room / "a" / "main.tf").write_text(SERVER.replace("= 7", "= = 7"), encoding="utf-8")
    assert "no more" not in run(*CHECK)[1], "a file with a syntax error"
    assert run(*UPDATE)[0] == 3
    assert len(entries(room)) == 6
    (room / "a" / "main.tf").unlink()
    assert "3 findings of the baseline are fixed" in run(*CHECK)[1], "a file that was deleted"


FIREWALL_RULE = """resource "azurerm_postgresql_flexible_server_firewall_rule" "%s" {
  name             = "%s"
  server_id        = azurerm_postgresql_flexible_server.main.id
  start_ip_address = "%s"
  end_ip_address   = "%s"
}
"""


def test_a_known_firewall_rule_hides_no_other_and_not_its_own_widening(write: Write, run: Check) -> None:
    partner = FIREWALL_RULE % ("partner", "partner", "20.0.0.0", "20.0.3.255")
    room = write({"main.tf": SERVER + partner})
    rules = ("--select", "PGF301,PGF302")
    check = ("check", *rules, "--baseline", NAME, "--format", "concise")
    run("baseline", "create", *rules)
    (room / "main.tf").write_text(f"# moved\n\n{partner}\n{SERVER}", encoding="utf-8")
    assert run(*check)[0] == 0
    (room / "other.tf").write_text(FIREWALL_RULE % ("other", "other", "0.0.0.0", "255.255.255.255"), encoding="utf-8")
    code, output, _ = run(*check)
    assert (code, found(output)) == (1, ["PGF301 other.tf:5"])
    (room / "other.tf").unlink()
    for end in ("20.0.7.255", "99.255.255.255"):
        (room / "main.tf").write_text(SERVER + partner.replace("20.0.3.255", end), encoding="utf-8")
        code, output, _ = run(*check)
        assert (code, found(output)) == (1, ["PGF302 main.tf:15"])
        assert "1 finding of the baseline is fixed" in output


def test_rules_that_are_too_wide_together_are_new_when_one_more_joins(write: Write, run: Check) -> None:
    narrow = [FIREWALL_RULE % (name, name, f"20.0.{name[1]}.0", f"20.0.{name[1]}.200") for name in ("n1", "n2", "n3")]
    room = write({"main.tf": SERVER + narrow[0] + narrow[1]})
    rules = ("--select", "PGF302")
    check = ("check", *rules, "--baseline", NAME, "--format", "concise")
    run("baseline", "create", *rules)
    assert run(*check)[0] == 0
    (room / "main.tf").write_text(SERVER + "".join(narrow), encoding="utf-8")
    assert found(run(*check)[1]) == ["PGF302 main.tf:15"]


def test_a_changed_value_is_new(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER.replace("= 7", "= 10")})
    run(*CREATE)
    (room / "main.tf").write_text(SERVER, encoding="utf-8")
    code, output, _ = run(*CHECK)
    assert (code, found(output)) == (1, ["PGF702 main.tf:7"])


CALL = 'module "%s" {\n  source = "%s"\n}\n'


def test_a_module_that_is_judged_alone_tells_nothing_of_its_callers(write: Write, run: Check) -> None:
    module = 'variable "days" {\n  type = number\n}\n' + SERVER.replace("= 7", "= var.days")
    call = CALL.replace("\n}", "\n  days = %d\n}")
    room = write({".git/HEAD": "", "main.tf": call % ("db", "./mod", 7), "mod/main.tf": module})
    run(*CREATE)
    before = entries(room)
    assert "no more" not in run(*CHECK, "mod")[1]
    assert run(*UPDATE, "mod")[1].startswith("Removed 0 fixed findings")
    assert entries(room) == before
    (room / "mod" / "main.tf").write_text(module.replace("= var.days", "= 35"), encoding="utf-8")
    assert "no more" not in run(*CHECK, "mod")[1], "whatever is done to it"
    assert "1 finding of the baseline is fixed" in run(*CHECK)[1]
    (room / "mod" / "main.tf").write_text(module, encoding="utf-8")
    (room / "main.tf").write_text(call % ("other", "./mod", 7), encoding="utf-8")
    code, output, _ = run(*CHECK)
    assert (code, "3 findings of the baseline are fixed" in output) == (1, True), "another resource"


def test_the_same_module_called_alike_by_another_root_is_new(write: Write, run: Check) -> None:
    call = 'provider "azurerm" {}\n' + CALL % ("db", "../../mod")
    room = write({".git/HEAD": "", "envs/dev/main.tf": call, "mod/main.tf": SERVER})
    run(*CREATE)
    assert {row["root"] for row in entries(room)} == {"envs/dev"}
    assert run(*CHECK)[0] == 0
    (room / "envs" / "prod").mkdir()
    (room / "envs" / "prod" / "main.tf").write_text(call, encoding="utf-8")
    code, output, _ = run(*CHECK)
    assert (code, len(found(output))) == (1, 3)
    assert run(*UPDATE, "--add")[1] == "Removed 0 fixed findings from the baseline and added 3 new findings.\n"
    assert [row["count"] for row in entries(room)] == [1] * 6
    (room / "envs" / "prod" / "main.tf").write_text("", encoding="utf-8")
    assert "no more" not in run(*CHECK, "envs/dev")[1]
    assert "3 findings of the baseline are fixed" in run(*CHECK, "envs/prod")[1]


def test_what_cannot_be_decided_is_not_taken_for_fixed(write: Write, run: Check) -> None:
    variable = 'variable "days" {\n  type    = number\n  default = 7\n}\n'
    room = write({"main.tf": SERVER.replace("= 7", "= var.days"), "variables.tf": variable})
    run(*CREATE)
    (room / "variables.tf").write_text(variable.replace("  default = 7\n", ""), encoding="utf-8")
    assert "no more" not in run(*CHECK)[1]
    assert run(*UPDATE)[1] == "Removed 0 fixed findings from the baseline.\n"
    (room / "variables.tf").write_text(variable.replace("7", "35"), encoding="utf-8")
    assert run(*UPDATE)[1] == "Removed 1 fixed finding from the baseline.\n"


@pytest.mark.parametrize(
    "rest",
    [
        FIREWALL_RULE.replace("server_id", "for_each = var.v\n  server_id") % ("open", "x", "0.0.0.0", "0.0.0.9"),
        FIREWALL_RULE % ("open", "x", "0.0.0.0", "${var.v}"),
    ],
    ids=["how many there are", "how far it reaches"],
)
def test_a_firewall_that_is_not_known_any_more_is_not_mended(write: Write, run: Check, rest: str) -> None:
    room = write({"main.tf": SERVER + FIREWALL_RULE % ("open", "x", "0.0.0.0", "255.255.255.255")})
    rules = ("--select", "PGF301")
    run("baseline", "create", *rules)
    check = ("check", *rules, "--baseline", NAME, "--format", "concise")
    (room / "main.tf").write_text(f'variable "v" {{}}\n{SERVER}{rest}', encoding="utf-8")
    assert "no more" not in run(*check)[1]
    (room / "main.tf").write_text(SERVER, encoding="utf-8")
    assert "1 finding of the baseline is fixed" in run(*check)[1]


def test_what_is_not_in_sight_any_more_is_not_taken_for_fixed(write: Write, run: Check) -> None:
    room = write({".git/HEAD": "", "main.tf": SERVER + CALL % ("db", "./mod"), "mod/main.tf": SERVER})
    run(*CREATE)
    (room / "main.tf").write_text(SERVER + CALL % ("db", "example/db/azurerm"), encoding="utf-8")
    (room / "mod" / "main.tf").unlink()
    assert "no more" not in run(*CHECK)[1], "a module that is not on disk"
    (room / ".pgflexlint.toml").write_text('exclude = ["*"]\n', encoding="utf-8")
    assert "no more" not in run(*CHECK)[1], "what is excluded"
    (room / ".pgflexlint.toml").unlink()
    (room / "main.tf").write_text(SERVER + CALL % ("db", "./nowhere"), encoding="utf-8")
    assert "no more" not in run(*CHECK)[1], "a module that is missing"
    (room / "main.tf").write_text("", encoding="utf-8")
    assert "6 findings of the baseline are fixed" in run(*CHECK)[1]


def test_a_new_caller_is_named_and_not_the_known_one(write: Write, run: Check) -> None:
    room = write({"main.tf": CALL % ("one", "./mod"), "mod/main.tf": SERVER})
    run("baseline", "create", "--select", "PGF702")
    (room / "main.tf").write_text(CALL % ("one", "./mod") + CALL % ("two", "./mod"), encoding="utf-8")
    check = ("check", "--select", "PGF702", "--fail-on", "note", "--baseline", NAME, "--format")
    for form in ("concise", "github", "azure", "gitlab", "junit", "markdown", "text", "json", "sarif"):
        code, output, _ = run(*check, form)
        one, two = (output.replace("\\", "").find(f"module.{name}.azurerm") for name in ("one", "two"))
        assert code == 1, form
        assert two >= 0, form
        assert one == -1 or two < one, form
    assert run("baseline", "update", "--add", "--select", "PGF702")[1].endswith(" and added 1 new finding.\n")
    assert [row["count"] for row in entries(room)] == [1, 1]


def test_a_file_is_one_line_for_each_finding_sorted_and_the_same_again(write: Write, run: Check) -> None:
    room = write({"b.tf": SERVER, "a.tf": SERVER.replace('"main"', '"a"')})
    run(*CREATE)
    text = (room / NAME).read_text("utf-8")
    lines = text.splitlines()
    assert lines[:3] == ["{", '  "pgflexlint-baseline": 1,', '  "findings": [']
    assert [line.split('"')[3] for line in lines[3:-2]] == ["a.tf"] * 3 + ["b.tf"] * 3
    run(*UPDATE)
    assert (room / NAME).read_text("utf-8") == text
    assert sorted(path.name for path in room.iterdir()) == [NAME, "a.tf", "b.tf"], "no half-written file stays"


def test_a_file_that_is_there_is_not_overwritten(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER, NAME: "precious"})
    assert run(*CREATE) == (
        2, "", f"pgflexlint: '{NAME}' already exists."
        " Run 'pgflexlint baseline update' to remove findings that are fixed.\n",
    )  # fmt: skip
    assert (room / NAME).read_text("utf-8") == "precious"


@pytest.mark.parametrize("command", [("check",), ("baseline", "create"), ("baseline", "update"), ("baseline", "show")])
@pytest.mark.parametrize("name", [".", "known"])
def test_a_directory_is_no_baseline(write: Write, run: Check, command: tuple[str, ...], name: str) -> None:
    room = write({"main.tf": SERVER, "known/x": ""})
    said = f"must be a file, such as '{NAME}', but '{name}' is a directory.\n"
    assert run(*command, "--baseline", name) == (2, "", f"pgflexlint: --baseline {said}")
    (room / ".pgflexlint.toml").write_text(f'ignore = []\nbaseline = "{name}"\n', encoding="utf-8")
    assert run(*command) == (2, "", f"pgflexlint: .pgflexlint.toml:2: 'baseline' {said}")


def test_a_file_is_written_as_a_whole_or_not_at_all(write: Write, run: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    room = write({"main.tf": SERVER})
    run(*CREATE)
    before = (room / NAME).read_bytes()
    (room / "main.tf").write_text(SERVER.replace("= 7", "= 35"), encoding="utf-8")

    def full(source: str, goal: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert run(*UPDATE) == (2, "", "pgflexlint: The baseline cannot be written: No space left on device.\n")
    assert (room / NAME).read_bytes() == before


GOOD = '{"path": "a", "rule": "b", "address": "c", "root": "r", "count": %s, "fingerprint": "d"}'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{\n  "pgflexlint-baseline": 1,\n  "find', "is not a complete baseline: it is not valid JSON."),
        ("", "is not a complete baseline: it is not valid JSON."),
        ("[" * 100_000, "is not a complete baseline: it is not valid JSON."),
        ('{"results": []}', "is not a baseline of pgflexlint."),
        ("[]", "is not a baseline of pgflexlint."),
        ('{"pgflexlint-baseline": 2, "findings": []}', "has version 2 of the format; this pgflexlint reads version 1."),
        ('{"pgflexlint-baseline": 1}', "is damaged: some of its findings cannot be read."),
        ('{"pgflexlint-baseline": 1, "findings": [{}]}', "is damaged: some of its findings cannot be read."),
        ('{"pgflexlint-baseline": 1, "findings": [3]}', "is damaged: some of its findings cannot be read."),
        (f'{{"pgflexlint-baseline": 1, "findings": [{GOOD % "0"}]}}', "is damaged"),
        (f'{{"pgflexlint-baseline": 1, "findings": [{GOOD % "true"}]}}', "is damaged"),
        (b"\xff\xfe\xff", "cannot be read: This file is not UTF-16-LE text: see line 1."),
        (b"{\xff}", "cannot be read: This file is not UTF-8 text: see line 1."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", [CHECK, UPDATE, ("baseline", "show")], ids=["check", "update", "show"])
def test_a_file_that_is_no_whole_baseline_is_2(
    write: Write, run: Check, content: str | bytes, said: str, command: tuple[str, ...]
) -> None:
    room = write({"main.tf": SERVER, NAME: content})
    code, output, errors = run(*command)
    assert (code, output) == (2, "")
    assert errors.startswith(f"pgflexlint: '{NAME}' {said}")
    assert (room / NAME).read_bytes() == (content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_baseline_may_be_saved_by_windows(write: Write, run: Check, encoding: str) -> None:
    room = write({"main.tf": SERVER})
    run(*CREATE)
    text = (room / NAME).read_text("utf-8")
    (room / NAME).write_text(text.replace("\n", "\r\n"), encoding)
    assert run(*CHECK)[0] == 0
    assert run("baseline", "show")[1].endswith("3 findings.\n")
    run(*UPDATE)
    assert (room / NAME).read_text("utf-8") == text


def test_a_line_that_is_there_twice_counts_once(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER})
    run(*CREATE)
    text = (room / NAME).read_text("utf-8")
    line = next(line for line in text.splitlines() if '"PGF702"' in line)
    expected = run(*CHECK)
    (room / NAME).write_text(text.replace(line, f"{line}\n{line}"), "utf-8")
    assert run(*CHECK) == expected
    run(*UPDATE)
    assert (room / NAME).read_text("utf-8") == text


def test_a_file_that_is_not_there_is_2(write: Write, run: Check) -> None:
    write({"main.tf": SERVER})
    said = f"pgflexlint: There is no baseline '{NAME}'. Run 'pgflexlint baseline create' to write one.\n"
    for command in (CHECK, UPDATE, ("baseline", "show")):
        assert run(*command) == (2, "", said)


def test_what_is_known_is_shown(write: Write, run: Check) -> None:
    write({"main.tf": SERVER})
    run(*CREATE)
    assert run("baseline", "show") == (
        0,
        "main.tf: PGF701 [azurerm_postgresql_flexible_server.main]\n"
        "main.tf: PGF702 [azurerm_postgresql_flexible_server.main]\n"
        "main.tf: PGF703 [azurerm_postgresql_flexible_server.main]\n"
        "3 findings.\n",
        "",
    )


def test_no_secret_gets_into_it(write: Write, run: Check) -> None:
    secret = "Tr0ub4dor-and-3"
    server = SERVER.replace(
        "  version", f'  administrator_password = "{secret}"\n  for_each = toset(["{secret}"])\n  version'
    )
    room = write({"main.tf": server})
    run("baseline", "create")
    text = (room / NAME).read_text("utf-8")
    assert "PGF407" in text
    assert secret not in text
    assert "[REDACTED]" in text


ROLE = 'resource "postgresql_role" "r" {\n  name = "reporting1"\n  create_role = true\n}\n'
PASSWORD = 'resource "postgresql_role" "q" {\n  name = "x"\n  login = true\n  password = "reporting1"\n}\n'
RANGE = """\
resource s 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = {
  name: 's'
}
resource f 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = {
  parent: s
  name: 'f'
  properties: { startIpAddress: '20.0.0.0', endIpAddress: 'reporting1' }
}
"""


@pytest.mark.parametrize(
    ("path", "rule", "values"),
    [
        ("a/main.tf", "PGF805", ("reporting1", "reporting2")),
        ("a/main.bicep", "PGF302", ("20.0.255.255", "20.0.127.255")),
    ],
)
def test_what_is_secret_elsewhere_makes_nothing_new(
    write: Write, run: Check, path: str, rule: str, values: tuple[str, str]
) -> None:
    """The hook looks at fewer roots than the run that wrote the baseline, and a later one at more."""
    text, (value, other) = RANGE if path.endswith(".bicep") else ROLE, values
    room = write({path: text.replace("reporting1", value), "b/main.tf": PASSWORD.replace("reporting1", value)})
    check = ("--select", rule, "--baseline", NAME)
    for written, looked_at in ((".", path), ("a", ".")):
        (room / NAME).unlink(missing_ok=True)
        assert run("baseline", "create", written, "--select", rule)[1] == f"1 finding written to '{NAME}'.\n"
        code, output, _ = run("check", looked_at, *check)
        assert (code, "of the baseline" in output) == (0, False)
    (room / path).write_text(text.replace("reporting1", other), encoding="utf-8")
    code, output, _ = run("check", path, *check)
    assert (code, "1 finding of the baseline is fixed" in output) == (1, True), "another value is another one"


def test_no_rule_that_runs_beside_it_makes_a_finding_new(write: Write, run: Check) -> None:
    """A word of the sentences of the rules that run is shown, also where it is a password."""
    room = write({"main.tf": (ROLE + PASSWORD).replace("reporting1", "password")})
    for more in ("PGF805,PGF407", "PGF805"):
        (room / NAME).unlink(missing_ok=True)
        run("baseline", "create", "--select", more)
        for rules in ("PGF805", "PGF805,PGF407"):
            checked = run("check", "--select", rules, "--baseline", NAME, "--format", "concise")[1]
            assert [each for each in found(checked) if "PGF805" in each] == []


def test_no_digest_depends_on_a_secret(write: Write, run: Check) -> None:
    """It could be guessed from one."""
    prints = []
    for value in ("reporting1", "reporting2"):
        keyed = PASSWORD.replace("  name", f'  for_each = toset(["{value}"])\n  create_role = true\n  name')
        room = write({"main.tf": (ROLE + keyed).replace("reporting1", value)})
        (room / NAME).unlink(missing_ok=True)
        run("baseline", "create", "--select", "PGF805")
        prints.append(sorted(str(row["fingerprint"]) for row in entries(room)))
    assert len(prints[0]) == 2
    assert prints[0] == prints[1]


def test_sarif_says_what_is_new_and_what_is_not(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER})
    run("baseline", "create", "--select", "PGF701")
    check = ("check", "--select", "PGF701,PGF702", "--format", "sarif")

    def states(*more: str) -> dict[str, object]:
        results = json.loads(run(*check, *more)[1])["runs"][0]["results"]
        return {result["ruleId"]: result.get("baselineState") for result in results}

    assert states() == {"PGF701": None, "PGF702": None}
    assert states("--baseline", NAME) == {"PGF702": "new"}
    assert states("--baseline", NAME, "--show-suppressed") == {"PGF701": "unchanged", "PGF702": "new"}
    assert room


def test_what_is_allowed_is_not_taken_in(write: Write, run: Check) -> None:
    room = write({"main.tf": SERVER.replace("= 7", "= 7 # pgflexlint: ignore[PGF702] a toy")})
    run(*CREATE)
    assert [row["rule"] for row in entries(room)] == ["PGF701", "PGF703"]


def test_what_could_not_be_looked_at_is_said(write: Write, run: Check) -> None:
    write({"main.tf": SERVER + PARAMETER % "= 1", "other/main.tf": SERVER})
    code, output, _ = run(*CREATE)
    assert code == 3
    assert output.endswith("Not scanned: 1 file in part or whole; 'pgflexlint check' says why.\n")


ENTRIES = st.lists(
    st.builds(
        Entry,
        st.text(max_size=3), st.sampled_from(["PGF101", "PGF102"]), st.text(max_size=3), st.just(""),
        st.text("ab", max_size=1), st.text("abc", max_size=2),
        st.integers(1, 3),
    )
)  # fmt: skip


@given(ENTRIES)
def test_what_is_written_is_read(found_ones: list[Entry]) -> None:
    merged = merge_entries(found_ones)
    assert loads(dumps(merged), "x").entries == merged
    assert sum(entry.number for entry in merged) == sum(entry.number for entry in found_ones)


@given(ENTRIES)
def test_nothing_is_left_of_what_is_all_fixed(found_ones: list[Entry]) -> None:
    distinct = {entry.key: entry for entry in found_ones}
    assert subtract(distinct.values(), distinct.values()) == ()
    assert subtract(distinct.values(), ()) == tuple(distinct.values())
